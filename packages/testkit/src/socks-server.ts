import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface SocksServerOptions {
  /** Where a connection to `host:port` goes instead; undefined refuses it. */
  readonly resolve: (host: string, port: number) => { readonly host: string; readonly port: number } | undefined;
  /** Only these are let in. @default nobody is asked */
  readonly credentials?: { readonly user: string; readonly password: string };
}

/** A SOCKS5 proxy on loopback (RFC 1928, CONNECT only). */
export interface SocksServer extends AsyncDisposable {
  readonly port: number;
  /** Targets as clients named them: a name that a client had looked up itself would be an address here. */
  readonly targets: readonly string[];
}

/** Starts a SOCKS5 proxy. */
export async function openSocksServer(options: SocksServerOptions): Promise<SocksServer> {
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {}); // clients come and go
    serve(socket, options, targets).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    targets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function serve(socket: Socket, options: SocksServerOptions, targets: string[]): Promise<void> {
  const read = openReader(socket);
  const [, methods = 0] = await read(2);
  await read(methods);
  if (options.credentials) {
    socket.write(Buffer.from([5, 2]));
    const [, userBytes = 0] = await read(2);
    const user = (await read(userBytes)).toString();
    const [passwordBytes = 0] = await read(1);
    const password = (await read(passwordBytes)).toString();
    const isKnown = user === options.credentials.user && password === options.credentials.password;
    socket.write(Buffer.from([1, isKnown ? 0 : 1]));
    if (!isKnown) return void socket.end();
  } else socket.write(Buffer.from([5, 0]));

  const head = await read(4);
  const host = await readHost(head[3] ?? 0, read);
  const port = (await read(2)).readUInt16BE(0);
  targets.push(`${host}:${port}`);
  const target = options.resolve(host, port);
  const reply = (code: number): boolean => socket.write(Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]));
  if (!target) {
    reply(5); // connection refused
    return void socket.end();
  }
  const onward = connect(target.port, target.host);
  onward.on('error', () => socket.destroy());
  await once(onward, 'connect');
  reply(0);
  socket.removeAllListeners('data');
  socket.pipe(onward);
  onward.pipe(socket);
  socket.on('close', () => onward.destroy());
}

async function readHost(kind: number, read: (bytes: number) => Promise<Buffer>): Promise<string> {
  if (kind === 1) return [...(await read(4))].join('.');
  if (kind === 4) return (await read(16)).toString('hex');
  const [length = 0] = await read(1);
  return (await read(length)).toString();
}

/** Reads exactly so many bytes, one read at a time. */
function openReader(socket: Socket): (bytes: number) => Promise<Buffer> {
  let received = Buffer.alloc(0);
  let notify: (() => void) | undefined;
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    notify?.();
  });
  return async (bytes) => {
    while (received.length < bytes) await new Promise<void>((resolve) => (notify = resolve));
    const taken = received.subarray(0, bytes);
    received = received.subarray(bytes);
    return taken;
  };
}
