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
  /** Every message, in order, from the first one that follows the handshake; none after the connection is gone. */
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

/** How long the venue may take to end TCP after a closing handshake, milliseconds. Spread in, because `@types/ws` lacks it. */
const CLOSE_TIMEOUT = { closeTimeout: 1000 };

/**
 * Opens a connection and subscribes every symbol, one command each, in order (docs/protocol.md §3).
 *
 * @throws {CaptureError} `VENUE_UNREACHABLE`, `VENUE_REFUSED`, `EGRESS_UNREACHABLE`; abort rejects with the signal's reason.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  options.signal.throwIfAborted();
  const socket = openSocket(options);
  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<string>();
  let reason = '';
  let pongDue: NodeJS.Timeout | undefined;
  const close = (why: string): void => {
    reason ||= why;
    socket.terminate();
  };
  // Before the socket is open: a message may come in the same packet as the answer to the handshake.
  socket.on('message', (data: Buffer, isBinary: boolean) => options.onFrame(data, isBinary));
  socket.on('error', (error) => close(toReason(error)));
  await untilOpen(socket, options);

  const onAbort = (): void => close('stopped');
  const pinger = setInterval(() => {
    socket.send(PING);
    pongDue ??= setTimeout(() => close(`no pong within ${options.pongTimeoutMs} ms`), options.pongTimeoutMs);
  }, options.pingIntervalMs);
  const finish = (code: number): void => {
    clearInterval(pinger);
    clearTimeout(pongDue);
    options.signal.removeEventListener('abort', onAbort);
    resolveClosed(reason || `closed by the venue with ${code}`);
  };
  if (socket.readyState === WebSocket.CLOSED) finish(1006);
  else socket.on('close', finish);
  options.signal.addEventListener('abort', onAbort, { once: true });
  if (options.signal.aborted) onAbort();

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
      if (socket.readyState === WebSocket.CLOSED) return;
      if (paused) socket.pause();
      else socket.resume();
    },
    close,
  };
}

function openSocket({ egress, wsUrl, maxFrameBytes }: SessionOptions): WebSocket {
  return new WebSocket(wsUrl, {
    ...(egress.agent ? { agent: egress.agent } : {}),
    headers: { 'user-agent': 'mexc-toolkit' },
    perMessageDeflate: false, // the venue does not negotiate it (docs/protocol.md §1)
    maxPayload: maxFrameBytes,
    ...CLOSE_TIMEOUT,
    skipUTF8Validation: true, // a text frame that is no UTF-8 is kept as a dead letter, not a reason to lose its neighbours
  });
}

async function untilOpen(socket: WebSocket, options: SessionOptions): Promise<void> {
  const { signal, egress, wsUrl, openTimeoutMs } = options;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = (): void => reject(signal.reason);
  // Own timer: ws's handshakeTimeout does not cover the SOCKS phase, and an agent's timeout kills idle sockets
  // (docs/architecture.md#egress).
  const timer = setTimeout(() => reject(new Error(`no answer within ${openTimeoutMs} ms`)), openTimeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  socket.once('open', resolve);
  socket.once('error', reject);
  try {
    await promise;
  } catch (error) {
    socket.terminate();
    signal.throwIfAborted();
    throw egress.toError(error, new URL(wsUrl).host);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    socket.off('open', resolve);
    socket.off('error', reject);
  }
}

const toReason = (error: Error): string =>
  'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? OVERSIZED : error.message;
