import { CaptureError, openBackoff, toSubscribeCommands, type Telemetry } from '@mexc-toolkit/core';
import { openEgress, type Egress } from '@mexc-toolkit/egress';
import { AckQueue } from '../session/ack-queue.ts';
import { openSession, OVERSIZED, type Session } from '../session/session.ts';
import { isRevived, noteSubscription, stalledSince } from '../session/staleness.ts';
import { ingestFrame, type IngestOptions } from './ingest.ts';
import type { LaneOptions } from './lane-options.ts';
import type { SpoolGate } from './spool-gate.ts';
import type { Statistics } from './statistics.ts';
import type { SymbolStream } from './symbol-stream.ts';

export interface SessionLoopOptions {
  readonly lane: LaneOptions;
  readonly streams: readonly SymbolStream[];
  readonly statistics: Statistics;
  readonly telemetry: Telemetry;
  readonly ingest: Omit<IngestOptions, 'onPong' | 'onAck' | 'onRefused' | 'onUnknownSymbol'>;
  /** No session is opened while it is closed. */
  readonly gate: SpoolGate;
  readonly signal: AbortSignal;
}

const START_ATTEMPTS = 3;

/** Keeps one session open at a time, for as long as the lane lives. */
export class SessionLoop {
  readonly #options: SessionLoopOptions;
  #egress: Egress;
  #session: Session | undefined;
  #acks = new AckQueue();
  #generation = 0;
  #frames = 0;
  #everOpened = false;

  constructor(options: SessionLoopOptions) {
    this.#options = options;
    this.#egress = openEgressOf(options.lane);
  }

  get isOpen(): boolean {
    return this.#session !== undefined;
  }

  /** Whether any session was ever open. */
  get hasOpened(): boolean {
    return this.#everOpened;
  }

  setPaused(paused: boolean): void {
    this.#session?.setPaused(paused);
  }

  /** Ends the current session; the next one opens when it may. */
  interrupt(reason: string): void {
    this.#session?.close(reason);
  }

  /**
   * Runs until the signal aborts.
   *
   * @throws {CaptureError} when the very first session cannot be opened, or the venue knows none of the symbols.
   */
  async run(): Promise<void> {
    const { lane, signal, statistics, telemetry } = this.#options;
    const backoff = openBackoff({ minMs: lane.session.reconnectMinMs, maxMs: lane.session.reconnectMaxMs, random: lane.random });
    let startFailures = 0;
    while (!signal.aborted) {
      await this.#options.gate.untilOpen(signal);
      if (signal.aborted) break;
      try {
        await this.#runOne(() => backoff.reset());
      } catch (error) {
        if (signal.aborted) break;
        if (!CaptureError.is(error) || error.retry === 'never') throw error;
        statistics.noteError();
        telemetry.failure(error);
        startFailures += 1;
        if (!this.#everOpened && startFailures >= START_ATTEMPTS) throw error;
      }
      if (statistics.errorsInARow >= lane.session.maxErrors) this.#renewEgress();
      await lane.clock.sleep(backoff.nextMs(), signal).catch(() => {
        // the lane ends
      });
    }
    this.#egress[Symbol.dispose]();
  }

  /** Looks for symbols that are silent although they should not be. The first remedy is mild: one symbol is asked for again. */
  checkStaleness(): void {
    const { lane, streams, telemetry } = this.#options;
    if (!this.#session) return;
    const now = lane.clock.monotonic();
    for (const stream of streams) {
      if (stream.rejected !== undefined) continue;
      const sinceMs = stalledSince(stream.activity, now, lane.session.symbolSilenceMs);
      if (sinceMs === undefined) {
        if (isRevived(stream.activity)) stream.resubscribed = false;
        continue;
      }
      telemetry.event('symbol.stalled', { lane: lane.lane, symbol: stream.symbol, silentMs: now - sinceMs });
      if (stream.resubscribed) {
        this.interrupt(`${stream.symbol} stalled`);
        return;
      }
      stream.resubscribed = true;
      const sinceUs = Math.floor((lane.clock.now() - (now - sinceMs)) * 1000);
      this.#beginOutage(stream, 'the venue fell silent for this symbol', sinceUs);
      this.#subscribe(stream);
    }
  }

  async #runOne(onHealthy: () => void): Promise<void> {
    const { lane, streams, statistics, telemetry, signal } = this.#options;
    const opening = lane.clock.monotonic();
    const generation = (this.#generation += 1);
    this.#frames = 0;
    this.#acks = new AckQueue();
    const wanted = streams.filter((stream) => stream.rejected === undefined);
    for (const stream of wanted) {
      stream.resubscribed = false;
      this.#expectAcks(stream);
    }
    const ingest: IngestOptions = {
      ...this.#options.ingest,
      onPong: () => this.#session?.notePong(),
      onAck: (method) => this.#onAnswer(this.#acks.acknowledge(method)),
      onRefused: () => this.#onAnswer(this.#acks.refuse()),
      onUnknownSymbol: (symbol, text) => this.#onUnknownSymbol(symbol, text),
    };
    const session = await openSession({
      ...lane.session,
      wsUrl: lane.venue.wsUrl,
      egress: this.#egress,
      symbols: wanted.map((stream) => stream.symbol),
      subscriptions: lane.subscriptions,
      clock: lane.clock,
      signal,
      onFrame: (frame, isBinary) => {
        this.#frames += 1;
        if (ingestFrame(frame, isBinary, ingest).kind === 'row' && this.#frames > 1) {
          statistics.errorsInARow = 0;
          onHealthy();
        }
      },
    });
    if (this.#everOpened) statistics.reconnects += 1;
    this.#everOpened = true;
    this.#session = session;
    if (!this.#options.gate.isOpen) session.close('the spool does not take rows');
    telemetry.event('session.opened', { lane: lane.lane, generation, openMs: lane.clock.monotonic() - opening });
    const reason = await session.closed;
    this.#session = undefined;
    if (reason === OVERSIZED) statistics.oversizedFrames += 1;
    if (!signal.aborted) statistics.noteError();
    telemetry.event(signal.aborted ? 'session.ended' : 'session.closed', {
      lane: lane.lane,
      generation,
      reason,
      frames: this.#frames,
    });
    for (const stream of streams) this.#beginOutage(stream, signal.aborted ? 'the lane was not running' : reason);
    const rejected = streams.filter((stream) => stream.rejected !== undefined);
    if (rejected.length === streams.length) {
      const text = rejected.map((stream) => stream.rejected).join('; ');
      throw new CaptureError('SYMBOL_UNKNOWN', `the venue knows none of the symbols: ${text}`, {
        context: { symbols: rejected.map((stream) => stream.symbol).join(',') },
      });
    }
  }

  #subscribe(stream: SymbolStream): void {
    this.#expectAcks(stream);
    this.#session?.subscribe(stream.symbol);
  }

  #expectAcks(stream: SymbolStream): void {
    const { lane } = this.#options;
    const methods = toSubscribeCommands(stream.symbol, lane.subscriptions).map(({ method }) => method);
    stream.versions.reset();
    noteSubscription(stream.activity, methods, lane.clock.monotonic());
    for (const method of methods) this.#acks.expect(method, stream.symbol);
  }

  #beginOutage(stream: SymbolStream, detail: string, sinceUs = stream.lastTsRecvUs): void {
    if (stream.outageSinceUs !== undefined || stream.lastTsRecvUs === 0) return;
    stream.outageSinceUs = Math.min(sinceUs, stream.lastTsRecvUs);
    stream.outageDetail = detail;
  }

  /** Once every command of a symbol is answered, its outage is over. */
  #onAnswer(answer: ReturnType<AckQueue['acknowledge']>): void {
    if (!answer?.isLast) return;
    const stream = this.#options.streams.find((candidate) => candidate.symbol === answer.symbol);
    if (stream?.outageSinceUs === undefined) return;
    const endedUs = Math.max(Math.floor(this.#options.lane.clock.now() * 1000), stream.lastTsRecvUs);
    this.#options.ingest.gaps.note(stream.symbol, {
      kind: 'outage',
      startedUs: stream.outageSinceUs,
      endedUs,
      detail: stream.outageDetail,
    });
    stream.outageSinceUs = undefined;
  }

  #onUnknownSymbol(symbol: string, text: string): void {
    const { lane, streams, telemetry } = this.#options;
    const stream = streams.find((candidate) => candidate.symbol === symbol);
    if (!stream || stream.rejected !== undefined) return;
    stream.rejected = text;
    this.#acks.reject(symbol);
    telemetry.event('symbol.rejected', { lane: lane.lane, symbol, text });
    if (streams.every((candidate) => candidate.rejected !== undefined)) this.interrupt('the venue knows none of the symbols');
  }

  #renewEgress(): void {
    this.#egress[Symbol.dispose]();
    this.#egress = openEgressOf(this.#options.lane);
    this.#options.statistics.errorsInARow = 0;
    this.#options.telemetry.event('egress.renewed', { lane: this.#options.lane.lane, route: this.#egress.route });
  }
}

const openEgressOf = (lane: LaneOptions): Egress => openEgress(lane.egress, lane.venue.wsUrl.startsWith('wss:'));
