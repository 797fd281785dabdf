import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { authenticate, readCredentials, type Account } from './auth.ts';
import type { Engine } from './engine.ts';
import { exceptions } from './exceptions.ts';
import { handleQuery } from './handle-query.ts';
import { QueryResponse } from './response.ts';

/** The HTTP interface of a daemon. */
export interface EngineServer {
  readonly port: number;
  /** Takes no more connections; resolves when every request is answered. */
  close(): Promise<void>;
  /** Cuts what is still open. */
  closeNow(): void;
}

/** ClickHouse's own default. Clients close an idle connection before this. */
const KEEP_ALIVE_MS = 30_000;
/** A query may be in the URL; ClickHouse takes one of 1 MiB. */
const MAX_HEADER_BYTES = 1024 * 1024 + 65_536;
const MAX_CONNECTIONS = 4096;

/** Listens on 127.0.0.1, on `port` if it is free, else on one that the kernel chooses. */
export async function openServer(engine: Engine, accounts: readonly Account[], port: number): Promise<EngineServer> {
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, maxHeaderSize: MAX_HEADER_BYTES, noDelay: true },
    (incoming, outgoing) => route({ engine, accounts }, incoming, outgoing),
  );
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, port).catch((error: unknown) => {
    if (port === 0) throw error;
    return listen(server, 0);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no address');
  return {
    port: address.port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      await closed;
    },
    closeNow: () => server.closeAllConnections(),
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen({ host: '127.0.0.1', port, exclusive: true });
  await once(server, 'listening');
}

function route(
  context: { readonly engine: Engine; readonly accounts: readonly Account[] },
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const { engine, accounts } = context;
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const isQuestion = incoming.method === 'GET' || incoming.method === 'HEAD';
  if (isQuestion && (url.pathname === '/ping' || url.pathname === '/replicas_status')) {
    answerText(outgoing, 200, 'Ok.\n');
  } else if (isQuestion && url.pathname === '/' && !url.searchParams.has('query')) {
    answerText(outgoing, 200, 'Ok.\n');
  } else if (isQuestion && url.pathname === '/engine-identity') {
    const claimed = readCredentials(incoming.headers, url.searchParams);
    if (authenticate(claimed, accounts)) answerText(outgoing, 200, `${engine.pid}\n`);
    else new QueryResponse(outgoing, engine.identity).fail(exceptions.authenticationFailed(claimed.user), '');
  } else if (url.pathname !== '/') {
    answerText(outgoing, 404, `There is no handle ${url.pathname}\n\nUse / or /ping for health checks.\n`);
  } else if (incoming.method !== 'GET' && incoming.method !== 'POST') {
    answerText(outgoing, 501, `The method ${incoming.method ?? ''} is not supported. Use GET or POST.\n`);
  } else {
    handleQuery(engine, accounts, { incoming, outgoing, search: url.searchParams }).catch((error: unknown) => {
      engine.log({ event: 'engine.failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      outgoing.destroy();
    });
  }
}

function answerText(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, { 'Content-Type': 'text/html; charset=UTF-8' }).end(text);
}
