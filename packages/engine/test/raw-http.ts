import { connect, type Socket } from 'node:net';
import type { EngineAddress } from '@mexc-toolkit/engine';

/** A request written by hand, to stop where no client would. */
export interface RawRequest extends Disposable {
  readonly socket: Socket;
  /** Resolves when the bytes are with the kernel. */
  send(bytes: string | Buffer): Promise<void>;
  /** All that the server said until it closed the connection. */
  readonly answer: Promise<string>;
}

/** Connects and sends the head of a POST whose body will have `length` bytes. */
export async function openRequest(
  engine: EngineAddress,
  request: { readonly query: string; readonly queryId: string; readonly length: number; readonly user?: string },
): Promise<RawRequest> {
  const { port } = new URL(engine.url);
  const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
  const said: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => said.push(chunk));
  socket.on('error', () => {});
  const answer = new Promise<string>((resolve) => {
    socket.on('close', () => resolve(Buffer.concat(said).toString('utf8')));
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  const send = (bytes: string | Buffer): Promise<void> => new Promise((resolve) => socket.write(bytes, () => resolve()));
  const search = new URLSearchParams({ query: request.query, query_id: request.queryId });
  await send(
    [
      `POST /?${search.toString()} HTTP/1.1`,
      'Host: 127.0.0.1',
      'Connection: close',
      `Authorization: Basic ${Buffer.from(`${engine.user}:${engine.password}`).toString('base64')}`,
      `Content-Length: ${request.length}`,
      '\r\n',
    ].join('\r\n'),
  );
  return { socket, send, answer, [Symbol.dispose]: () => socket.destroy() };
}

/** Runs a statement over plain HTTP and gives status, headers and text. */
export async function ask(
  engine: EngineAddress,
  sql: string,
  search: Record<string, string> = {},
): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }> {
  const response = await fetch(`${engine.url}/?${new URLSearchParams(search).toString()}`, {
    method: 'POST',
    body: sql,
    headers: { 'X-ClickHouse-User': engine.user, 'X-ClickHouse-Key': engine.password },
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** Repeats `probe` until it holds. */
export async function until(what: string, probe: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i += 1) {
    if (await probe()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain until ${what}`);
}
