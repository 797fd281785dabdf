import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * What happens to a request. `refuse`: status 500 and nothing more. `reset`: TCP ends at once. `hang`: it is read and never
 * answered. `forward-reset`: the server gets all of it and does its work, the client gets a reset instead of the answer.
 * `forward-early-reset`: the same, but the reset comes while the server still works.
 */
export type ProxyMode = 'pass' | 'refuse' | 'reset' | 'hang' | 'forward-reset' | 'forward-early-reset';

/** An HTTP proxy in front of one server, which can be made to fail. */
export interface FaultProxy extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** For every request that begins from now on. */
  mode: ProxyMode;
  /** Requests to which the mode was applied, since the start. */
  readonly counts: Readonly<Record<ProxyMode, number>>;
}

/** Starts a proxy to the server at `target()`, which is asked for every request: a server may come back at another port. */
export async function openFaultProxy(target: () => string): Promise<FaultProxy> {
  const counts: Record<ProxyMode, number> = {
    pass: 0,
    refuse: 0,
    reset: 0,
    hang: 0,
    'forward-reset': 0,
    'forward-early-reset': 0,
  };
  const server = createServer((incoming, response) => {
    const { mode } = proxy;
    counts[mode] += 1;
    // A fault of the proxy's own shows as a reset, which is what it is for.
    answer(mode, target(), { incoming, response }).catch(() => incoming.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${port}`,
    mode: 'pass',
    counts,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
}

async function answer(mode: ProxyMode, target: string, { incoming, response }: Exchange): Promise<void> {
  if (mode === 'reset') {
    incoming.socket.resetAndDestroy();
    return;
  }
  const body = await buffer(incoming);
  if (mode === 'hang') return;
  if (mode === 'refuse') {
    response.writeHead(500).end('out of order\n');
    return;
  }
  const upstream = request(new URL(incoming.url ?? '/', target), { method: incoming.method, headers: incoming.headers });
  upstream.end(body);
  if (mode === 'forward-early-reset') {
    upstream.on('error', () => {}); // the client has gone already
    upstream.once('finish', () => incoming.socket.resetAndDestroy());
    const [result] = await once(upstream, 'response');
    await buffer(result);
    return;
  }
  const [result]: IncomingMessage[] = await once(upstream, 'response');
  if (!result) return;
  if (mode === 'forward-reset') {
    await buffer(result);
    incoming.socket.resetAndDestroy();
    return;
  }
  response.writeHead(result.statusCode ?? 502, result.headers);
  result.pipe(response);
}
