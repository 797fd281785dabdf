export { openEgress, type Egress } from './egress.ts';
export { readExitIp } from './exit-ip.ts';
export { httpGet } from './http-get.ts';
export { parseRoute, toPublicRoute, type Route } from './parse-route.ts';
