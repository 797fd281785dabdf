import {
  CaptureError,
  insertPayloads,
  openBackoff,
  readWatermark,
  settleStatements,
  type Clock,
  type Store,
  type Telemetry,
} from '@mexc-toolkit/core';
import { collectPayloads } from './collect-payloads.ts';
import { InsertQueue, lastSeqOf, type QueuedBlock } from './insert-queue.ts';
import { refillQueue } from './refill-queue.ts';
import type { LostRange } from './tombstones.ts';

export interface InserterOptions {
  readonly store: Store;
  readonly base: string;
  readonly table: string;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly random: () => number;
  readonly maxBytes: number;
  readonly retry: { readonly minMs: number; readonly maxMs: number };
  /** Unique to this process, so that a statement of an earlier life is never taken for one of this. */
  readonly incarnation: string;
  /** Waits for one of the lane's INSERT slots. */
  readonly withSlot: <T>(work: () => Promise<T>) => Promise<T>;
  /** Makes database and tables again when the store has lost them. */
  readonly prepareTables: (signal: AbortSignal) => Promise<void>;
  /** A row with seq ≤ this is in the tables already. */
  readonly insertedSeq: number;
  readonly onInserted: (batch: { readonly rows: number; readonly latencyMs: number }) => void;
  readonly onLost: (lost: LostRange, reason: string) => void;
  readonly onReleased: (block: QueuedBlock) => void;
}

/** ClickHouse's UNKNOWN_TABLE and UNKNOWN_DATABASE. */
const NO_TABLE = new Set<unknown>([60, 81]);
const MAX_QUEUED_BLOCKS = 20_000;

/** Query ids of INSERTs begin so; `KILL QUERY` finds those of an earlier life of the lane by it. */
export const insertQueryPrefix = (base: string): string => `mexc:${base}:`;

/**
 * Moves the blocks of one symbol from the spool into its current table, in seq order, one INSERT at a time.
 *
 * Guarantee (I5): every seq once. An INSERT with an unknown outcome is settled by asking the store, after every statement of
 * this symbol has ended: what `max(seq)` covers is in, the rest is sent again.
 */
export class BaseInserter {
  readonly queue = new InsertQueue(MAX_QUEUED_BLOCKS);
  readonly #options: InserterOptions;
  #insertedSeq: number;
  #attempts = 0;
  #wake = Promise.withResolvers<void>();
  #lastError: CaptureError | undefined;
  /** Losses up to this seq were reported: a batch that is sent again reports none of them twice. */
  #reportedLostSeq = 0;

  constructor(options: InserterOptions) {
    this.#options = options;
    this.#insertedSeq = options.insertedSeq;
  }

  /** Watermark: every seq up to it is in the tables. */
  get insertedSeq(): number {
    return this.#insertedSeq;
  }

  /** Why the last INSERT failed; undefined once one succeeded. */
  get lastError(): CaptureError | undefined {
    return this.#lastError;
  }

  /** Tells that blocks were queued, or a hold was set or lifted. */
  wake(): void {
    this.#wake.resolve();
  }

  /** Runs until `signal` aborts. Never rejects for an error of the store: it retries. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.wake(), { once: true });
    while (!signal.aborted) {
      const woken = this.#wake.promise;
      if (this.queue.needsRefill) await refillQueue(this.queue, this.#options.base);
      const batch = this.queue.peek(this.#options.maxBytes);
      if (batch.length > 0) {
        await this.#insertUntilIn(batch, signal);
      } else if (!this.queue.needsRefill) {
        await woken;
        this.#wake = Promise.withResolvers();
      }
    }
  }

  async #insertUntilIn(batch: readonly QueuedBlock[], signal: AbortSignal): Promise<void> {
    const last = batch.at(-1);
    if (!last) return;
    const lastSeq = lastSeqOf(last.location);
    const rows = lastSeq - this.#insertedSeq;
    const backoff = openBackoff({ ...this.#options.retry, random: this.#options.random });
    const started = this.#options.clock.monotonic();
    while (this.#insertedSeq < lastSeq) {
      try {
        await this.#options.withSlot(() => this.#insertOnce(batch, signal));
        this.#insertedSeq = lastSeq;
      } catch (error) {
        if (signal.aborted) return;
        this.#report(error);
        await this.#options.clock.sleep(backoff.nextMs(), signal).catch(() => {
          // the lane ends; the loop ends with it
        });
        if (signal.aborted) return;
        await this.#settle(lastSeq, signal);
      }
    }
    this.#lastError = undefined;
    for (const block of this.queue.dropThrough(this.#insertedSeq)) this.#options.onReleased(block);
    this.#options.onInserted({ rows, latencyMs: this.#options.clock.monotonic() - started });
  }

  async #insertOnce(batch: readonly QueuedBlock[], signal: AbortSignal): Promise<void> {
    const payloads = await collectPayloads(batch, this.#insertedSeq, (lost, reason) => {
      if (lastSeqOf(lost) <= this.#reportedLostSeq) return;
      this.#reportedLostSeq = lastSeqOf(lost);
      this.#options.onLost(lost, reason);
    });
    if (payloads.length === 0) return;
    const { store, table, base, incarnation } = this.#options;
    const queryId = `${insertQueryPrefix(base)}${incarnation}:${(this.#attempts += 1)}`;
    await insertPayloads(store, table, { payloads, queryId, signal });
  }

  /** Learns how far the table really is, however long the store takes to answer: until then the outcome is unknown. */
  async #settle(lastSeq: number, signal: AbortSignal): Promise<void> {
    const { store, base, table, telemetry, clock, retry, random } = this.#options;
    const backoff = openBackoff({ ...retry, random });
    while (!signal.aborted) {
      try {
        await settleStatements(store, insertQueryPrefix(base), signal);
        const watermark = await readWatermark(store, table, signal);
        if (watermark.lastSeq > lastSeq) throw toForeignWriter(table, { found: watermark.lastSeq, sent: lastSeq });
        this.#insertedSeq = Math.max(this.#insertedSeq, watermark.lastSeq);
        telemetry.event('insert.settled', { base, attempt: this.#attempts, lastSeq: this.#insertedSeq });
        return;
      } catch (error) {
        if (signal.aborted) return;
        await this.#mend(error, signal);
        await clock.sleep(backoff.nextMs(), signal).catch(() => {
          // the lane ends
        });
      }
    }
  }

  /** A store that was emptied gets its tables again. */
  async #mend(error: unknown, signal: AbortSignal): Promise<void> {
    if (!CaptureError.is(error) || !NO_TABLE.has(error.context['clickhouseCode'])) return this.#report(error);
    try {
      await this.#options.prepareTables(signal);
    } catch (failure) {
      if (!signal.aborted) this.#report(failure);
    }
  }

  #report(error: unknown): void {
    if (!CaptureError.is(error)) throw error;
    if (this.#lastError?.message !== error.message) this.#options.telemetry.failure(error);
    this.#lastError = error;
  }
}

const toForeignWriter = (table: string, seq: { readonly found: number; readonly sent: number }): Error =>
  new Error(
    `table ${table} holds seq ${seq.found}, but this lane has sent none above ${seq.sent}: another writer inserts into it`,
  );
