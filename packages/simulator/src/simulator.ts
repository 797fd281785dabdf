import { CaptureError } from '@mexc-toolkit/core';
import openHasher from 'xxhash-wasm';
import type { CanaryOptions } from './canary.ts';
import type { Controls } from './control.ts';
import { Exchange } from './exchange.ts';
import type { Fault, FaultReport } from './faults/fault.ts';
import { injectFault } from './faults/inject.ts';
import { Gate } from './gate.ts';
import type { CanaryRecord, Journal, JournalFrame } from './journal.ts';
import { checkRate, resolveOptions, type SimulatorOptions } from './options.ts';
import { VenueServer } from './server.ts';

/** A running exchange on loopback. The caller disposes of it. */
export interface Simulator extends AsyncDisposable {
  /** `ws://127.0.0.1:<port>/edge` */
  readonly wsUrl: string;
  /** `http://127.0.0.1:<port>`; the venue's paths follow, `/api/v1/contract/…`. */
  readonly restUrl: string;
  /** `http://127.0.0.1:<port>/control` */
  readonly controlUrl: string;
  /** Ground truth: what was handed to open sockets. */
  journal(): Journal;
  /** The frames themselves, oldest first, with option `journalFrames`; of one symbol or of all. */
  frames(symbol?: string): readonly JournalFrame[];
  /**
   * Makes something go wrong; the same as `POST /control/faults`.
   *
   * @throws {CaptureError} `USAGE_INVALID`
   */
  inject(fault: Fault): FaultReport;
  /** Sends numbered frames; the same as `POST /control/canary`. */
  canary(options: CanaryOptions): CanaryRecord;
  /** Frames a second, see `SimulatorOptions.rate`. */
  setRate(rate: number): void;
  /** Stops the market at once: when this returns, no further market frame is sent. Sessions stay alive. */
  pause(): void;
  resume(): void;
}

/** Finer than any cadence of the venue, coarse enough to cost nothing. */
const TICK_MS = 5;

/**
 * Starts a MEXC futures exchange on loopback: WebSocket and REST with the behaviours of docs/protocol.md §11, a market that
 * agrees with itself, faults on demand, and a journal of everything sent.
 *
 * @throws {CaptureError} `USAGE_INVALID` or `SYMBOL_MALFORMED` for wrong options, `SIMULATOR_FAILED` when the port cannot
 *   be bound.
 */
export async function openSimulator(options: SimulatorOptions): Promise<Simulator> {
  options.signal?.throwIfAborted();
  const resolved = resolveOptions(options);
  const exchange = new Exchange(resolved, await openHasher());
  const gate = new Gate();
  const controls = toControls(exchange, gate);
  const server = new VenueServer({ exchange, gate, controls });
  const port = await server.listen(resolved.host, resolved.port);

  const ended = new AbortController();
  const ticking = runTicks(exchange, ended.signal);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    ended.abort();
    await server[Symbol.asyncDispose]();
    await ticking;
  };
  const dispose = (): Promise<void> => (closing ??= close());
  const disposeQuietly = (): void => {
    // Whoever disposes later gets the same outcome, failure included.
    dispose().catch(() => {});
  };
  options.signal?.addEventListener('abort', disposeQuietly, { once: true, signal: ended.signal });
  // A market that broke must not look like a quiet one.
  ticking.catch(disposeQuietly);

  const authority = `${resolved.host.includes(':') ? `[${resolved.host}]` : resolved.host}:${port}`;
  return {
    wsUrl: `ws://${authority}/edge`,
    restUrl: `http://${authority}`,
    controlUrl: `http://${authority}/control`,
    ...controls,
    [Symbol.asyncDispose]: dispose,
  };
}

function toControls(exchange: Exchange, gate: Gate): Controls {
  return {
    journal: () => exchange.journal(),
    frames: (symbol) => exchange.journalBook.frames(symbol),
    inject: (fault) => injectFault(fault, { exchange, gate }),
    canary: (options) => {
      const feed = exchange.feed(options.symbol);
      if (!feed) throw new CaptureError('USAGE_INVALID', `the simulator does not list ${options.symbol}`);
      return exchange.startCanary(feed, options);
    },
    setRate: (rate) => exchange.setRate(checkRate(rate)),
    pause: () => exchange.pause(),
    resume: () => exchange.resume(),
  };
}

async function runTicks(exchange: Exchange, signal: AbortSignal): Promise<void> {
  const { clock } = exchange.options;
  while (!signal.aborted) {
    exchange.tick();
    // Rejects only when the signal aborts, which the loop's condition handles.
    await clock.sleep(TICK_MS, signal).catch(() => {});
  }
}
