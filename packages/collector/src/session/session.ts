import { PING, toSubscribeCommands, type Clock, type ContractSymbol, type Subscriptions } from '@mexc-toolkit/core';
import type { Egress } from '@mexc-toolkit/egress';
import { WebSocket } from 'ws';

export interface SessionOptions {
  readonly wsUrl: string;
  readonly egress: Egress;
  readonly symbols: readonly ContractSymbol[];
  readonly subscriptions: Subscriptions;
  readonly clock: Clock;
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
  readonly openTimeoutMs: number;
  readonly maxFrameBytes: number;
  /** Every message, in order, while the session is open; none after it closed. */
  readonly onFrame: (frame: Buffer, isBinary: boolean) => void;
  readonly signal: AbortSignal;
}

/** Reason of a session that ended because a frame was larger than `maxFrameBytes`. */
export const OVERSIZED = 'a frame larger than the limit was refused';

/** One WebSocket connection from open to close. */
export interface Session {
  /** Resolves with the reason once the connection is gone. Never rejects. */
  readonly closed: Promise<string>;
  /** Counts a pong: the venue is alive. */
  notePong(): void;
  /** Sends the commands of a symbol again. */
  subscribe(symbol: ContractSymbol): void;
  /** Stops and resumes reading from the socket; the venue is then held back by TCP. */
  setPaused(paused: boolean): void;
  /** Ends the connection at once. */
  close(reason: string): void;
}

/**
 * Opens a connection and subscribes every symbol, one command each, in order (mexc-protocol §3).
 *
 * @throws {CaptureError} `VENUE_UNREACHABLE`, `VENUE_REFUSED`, `EGRESS_UNREACHABLE`; abort rejects with the signal's reason.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const socket = await openSocket(options);
  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<string>();
  let reason = '';
  let isClosed = false;
  let pongDue: NodeJS.Timeout | undefined;
  const close = (why: string): void => {
    reason ||= why;
    socket.terminate();
  };
  const finish = (why: string): void => {
    if (isClosed) return;
    isClosed = true;
    clearInterval(pinger);
    clearTimeout(pongDue);
    options.signal.removeEventListener('abort', onAbort);
    socket.removeAllListeners('message');
    resolveClosed(why);
  };
  const onAbort = (): void => close('stopped');
  const pinger = setInterval(() => {
    socket.send(PING);
    pongDue ??= setTimeout(() => close(`no pong within ${options.pongTimeoutMs} ms`), options.pongTimeoutMs);
  }, options.pingIntervalMs);
  socket.on('message', (data: Buffer, isBinary: boolean) => options.onFrame(data, isBinary));
  socket.on(
    'error',
    (error) => (reason ||= 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? OVERSIZED : error.message),
  );
  socket.on('close', (code) => finish(reason || `closed by the venue with ${code}`));
  options.signal.addEventListener('abort', onAbort, { once: true });
  const subscribe = (symbol: ContractSymbol): void => {
    for (const command of toSubscribeCommands(symbol, options.subscriptions)) socket.send(JSON.stringify(command));
  };
  for (const symbol of options.symbols) subscribe(symbol);
  return {
    closed,
    notePong: () => {
      clearTimeout(pongDue);
      pongDue = undefined;
    },
    subscribe,
    setPaused: (paused) => {
      if (isClosed) return;
      if (paused) socket.pause();
      else socket.resume();
    },
    close,
  };
}

async function openSocket(options: SessionOptions): Promise<WebSocket> {
  options.signal.throwIfAborted();
  const { egress, wsUrl } = options;
  const socket = new WebSocket(wsUrl, {
    ...(egress.agent ? { agent: egress.agent } : {}),
    headers: { 'user-agent': 'mexc-toolkit' },
    perMessageDeflate: false, // the venue does not negotiate it (mexc-protocol §1)
    maxPayload: options.maxFrameBytes,
    skipUTF8Validation: true, // a text frame that is no UTF-8 is kept as a dead letter, not a reason to lose its neighbours
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = (): void => reject(options.signal.reason);
  // Own timer: ws's handshakeTimeout does not cover the SOCKS phase, and an agent's timeout kills idle sockets (tor-lab §3).
  const timer = setTimeout(() => reject(new Error(`no answer within ${options.openTimeoutMs} ms`)), options.openTimeoutMs);
  options.signal.addEventListener('abort', onAbort, { once: true });
  socket.once('open', resolve);
  socket.once('error', reject);
  try {
    await promise;
    socket.removeAllListeners('error');
    return socket;
  } catch (error) {
    socket.removeAllListeners();
    socket.on('error', () => {
      // terminate() before the handshake ends reports itself once more
    });
    socket.terminate();
    options.signal.throwIfAborted();
    throw egress.toError(error, new URL(wsUrl).host);
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', onAbort);
  }
}
