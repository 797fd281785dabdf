import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { CaptureError } from '@mexc-toolkit/core';
import { WebSocketServer, type WebSocket } from 'ws';
import { answerControl, type Controls } from './control.ts';
import type { Exchange } from './exchange.ts';
import { takeRefusal, type Gate } from './gate.ts';
import { readBody } from './read-body.ts';
import { toFirewallPage, toJson, toPlain, type RestAnswer } from './rest/envelope.ts';
import { answerSpot, RestRoutes } from './rest/routes.ts';
import { Session } from './session.ts';

/** What a client may send in one message; the longest command has about 100 bytes. */
const MAX_COMMAND_BYTES = 65_536;
/** Below the usual limit of open files. */
const MAX_CONNECTIONS = 4000;
const SOCKET_PATHS: ReadonlySet<string> = new Set(['/edge', '/ws']);
const REST_PREFIX = '/api/v1/contract/';
const CONTROL_PREFIX = '/control/';

export interface ServerParts {
  readonly exchange: Exchange;
  readonly gate: Gate;
  readonly controls: Controls;
}

/** The one port: WebSocket at `/edge` and `/ws`, REST, `/control`, `/ip`. */
export class VenueServer implements AsyncDisposable {
  readonly #exchange: Exchange;
  readonly #gate: Gate;
  readonly #controls: Controls;
  readonly #routes: RestRoutes;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_COMMAND_BYTES });
  readonly #ended = new AbortController();
  #reopening: Promise<void> = Promise.resolve();

  constructor({ exchange, gate, controls }: ServerParts) {
    this.#exchange = exchange;
    this.#gate = gate;
    this.#controls = controls;
    this.#routes = new RestRoutes(exchange);
    this.#http = createServer((request, response) => void this.#answer(request, response));
    this.#http.maxConnections = MAX_CONNECTIONS;
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, { socket, head }));
    gate.closeFor = (ms) => {
      this.#reopening = this.#reopening.then(() => this.#closeFor(ms));
    };
  }

  /**
   * Resolves with the port.
   *
   * @throws {CaptureError} `SIMULATOR_FAILED` when the address cannot be bound.
   */
  async listen(host: string, port: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#http.once('error', reject).once('listening', resolve).listen({ host, port });
    try {
      await promise;
    } catch (cause) {
      throw new CaptureError('SIMULATOR_FAILED', `the simulator cannot listen on ${host}:${port}`, { cause });
    } finally {
      this.#http.off('error', reject).off('listening', resolve);
    }
    const address = this.#http.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** Ends every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#reopening;
    for (const session of this.#exchange.sessions.open()) session.reset();
    this.#sockets.close();
    if (!this.#http.listening) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#http.close(() => resolve());
    this.#http.closeAllConnections();
    await promise;
  }

  async #closeFor(ms: number): Promise<void> {
    const address = this.#http.address();
    if (typeof address !== 'object' || address === null || this.#ended.signal.aborted) return;
    this.#http.close();
    this.#http.closeIdleConnections();
    // Woken early by disposal: then the port stays closed.
    await this.#exchange.options.clock.sleep(ms, this.#ended.signal).catch(() => {});
    if (!this.#ended.signal.aborted) await this.listen(address.address, address.port);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answer: RestAnswer;
    try {
      answer = await this.#route(request);
    } catch (error) {
      // A caller that goes away while it sends its body, or a bug: either way the markets go on.
      answer = toPlain(String(error), 500);
    }
    if (response.destroyed) return;
    response.writeHead(answer.status, { 'content-type': answer.contentType, 'content-length': Buffer.byteLength(answer.body) });
    response.end(answer.body);
  }

  async #route(request: IncomingMessage): Promise<RestAnswer> {
    const url = parseTarget(request);
    if (!url) return toPlain('malformed request target', 400);
    const remoteAddress = addressOf(request.socket);
    if (url.pathname === '/ip') return toPlain(remoteAddress);
    if (url.pathname.startsWith(CONTROL_PREFIX)) {
      const body = await readBody(request);
      if (body === undefined) return toPlain('the body is too long', 413);
      const path = url.pathname.slice(CONTROL_PREFIX.length);
      return answerControl({ method: request.method ?? 'GET', path, query: url.searchParams, body }, this.#controls);
    }
    if (takeRefusal(this.#gate.rest)) return toFirewallPage(this.#gate.rest.status ?? 403);
    const answer = url.pathname.startsWith(REST_PREFIX)
      ? this.#routes.answer({ path: url.pathname.slice(REST_PREFIX.length), query: url.searchParams, remoteAddress })
      : answerSpot(url.pathname, Math.floor(this.#exchange.options.clock.now()));
    return answer ?? toJson('{"success":false,"code":404,"message":"Not Found"}', 404);
  }

  #upgrade(request: IncomingMessage, { socket, head }: { socket: Duplex; head: Buffer }): void {
    socket.on('error', () => {
      // A peer that resets its connection is routine; the session's `close` handler does what is needed.
    });
    if (!SOCKET_PATHS.has(parseTarget(request)?.pathname ?? '')) return refuse(socket, 404);
    if (takeRefusal(this.#gate.handshakes)) return refuse(socket, this.#gate.handshakes.status);
    this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#openSession(ws, socket));
  }

  #openSession(ws: WebSocket, socket: Duplex): void {
    // Always true for a server made by node:http; tells the compiler so.
    if (!(socket instanceof Socket)) return ws.terminate();
    const { exchange, options } = { exchange: this.#exchange, options: this.#exchange.options };
    const session = new Session({
      id: exchange.sessions.nextId(),
      ws,
      socket,
      remoteAddress: addressOf(socket),
      journal: exchange.journalBook,
      now: () => options.clock.now(),
      monotonic: () => options.clock.monotonic(),
      maxBufferedBytes: options.maxBufferedBytes,
    });
    exchange.sessions.add(session);
    socket.setNoDelay(true);
    socket.once('close', () => exchange.drop(session));
    ws.on('error', () => {
      // A client that breaks the protocol: `ws` closes the session by itself.
    });
    ws.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) exchange.receive(session, data.toString());
    });
  }
}

const STATUS_TEXT: Readonly<Record<number, string>> = { 403: 'Forbidden', 404: 'Not Found', 429: 'Too Many Requests' };

/** Answers a handshake with a status, or with the end of TCP. */
function refuse(socket: Duplex, status: number | undefined): void {
  if (status === undefined) {
    socket.destroy();
    return;
  }
  const head = `HTTP/1.1 ${status} ${STATUS_TEXT[status] ?? 'Service Unavailable'}\r\n`;
  socket.end(`${head}Connection: close\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n`);
}

/** Source address without the prefix of IPv4 in IPv6. */
const addressOf = (socket: Socket): string => (socket.remoteAddress ?? '').replace(/^::ffff:/, '');

const parseTarget = (request: IncomingMessage): URL | null => URL.parse(request.url ?? '/', 'http://simulator');
