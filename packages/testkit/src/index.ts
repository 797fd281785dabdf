export { describeStore } from './describe-store.ts';
export { openFaultProxy, type FaultProxy, type ProxyMode } from './fault-proxy.ts';
export { openSocksServer, type SocksServer, type SocksServerOptions } from './socks-server.ts';
export type { StoreUnderTest } from './store/context.ts';
