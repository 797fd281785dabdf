import { CaptureError, openBackoff, type Clock, type Row } from '@mexc-toolkit/core';
import { BlockBuilder, type SealedBlock } from './block-builder.ts';
import type { Spool, SpooledBlock } from './spool.ts';

export interface GroupCommitOptions {
  readonly spool: Spool;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly bytes: number;
  /** Called in order, once a block is durable. */
  readonly onDurable: (block: SpooledBlock) => void;
  /** The spool cannot be written (error) or can be again (undefined). */
  readonly onBlocked: (error: CaptureError | undefined) => void;
  /** More than the bound waits in memory (true), or half of it or less again (false). */
  readonly onPressure: (high: boolean) => void;
  readonly random: () => number;
}

/** Rows in memory at most, all symbols together, before the sockets are paused (I10). */
const PRESSURE_BYTES = 32 * 1024 * 1024;
const RETRY = { minMs: 100, maxMs: 5000 };

/**
 * Collects rows of all symbols of a lane and makes them durable together: at most every `intervalMs`, or as soon as `bytes` wait.
 * When the spool refuses, the same blocks are tried again until it accepts; nothing is dropped.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #builders = new Map<string, BlockBuilder>();
  #sealed: SealedBlock[] = [];
  #pendingBytes = 0;
  #committingBytes = 0;
  #pressed = false;
  #timer: NodeJS.Timeout | undefined;
  #lastStartMs = -Infinity;
  #running: Promise<void> | undefined;
  #error: CaptureError | undefined;
  readonly #stopped = new AbortController();

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Adds a row of `base`. */
  append(base: string, row: Row): void {
    let builder = this.#builders.get(base);
    if (!builder) this.#builders.set(base, (builder = new BlockBuilder(base)));
    this.#pendingBytes += builder.append(row);
    if (this.#pendingBytes >= this.#options.bytes) this.#start();
    else this.#schedule();
    if (!this.#pressed && this.#pendingBytes + this.#committingBytes > PRESSURE_BYTES) this.#press(true);
  }

  /** Ends the block of `base`, so that the next row begins a new one: at an epoch's boundary. */
  cut(base: string): void {
    const block = this.#builders.get(base)?.seal();
    if (block) this.#sealed.push(block);
  }

  /** Resolves when every row appended so far is durable, however many follow meanwhile. */
  async flush(): Promise<void> {
    await this.#running; // began before, perhaps without the latest rows
    this.#start();
    await this.#running;
  }

  /**
   * Like `flush`, but gives up at once when the spool refuses. For the end of a lane; nothing is appended after it.
   *
   * @throws {CaptureError} `SPOOL_UNWRITABLE`: the rows of the last commits are lost, none of them was inserted.
   */
  async close(): Promise<void> {
    this.#stopped.abort();
    await this.flush();
  }

  #hasRows(): boolean {
    return this.#sealed.length > 0 || [...this.#builders.values()].some((builder) => builder.rows > 0);
  }

  /** A commit at most every interval: a row that comes after a pause does not wait for the whole of it. */
  #schedule(): void {
    const sinceLastMs = this.#options.clock.monotonic() - this.#lastStartMs;
    this.#timer ??= setTimeout(() => this.#start(), Math.max(0, this.#options.intervalMs - sinceLastMs));
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#running || !this.#hasRows()) return;
    this.#lastStartMs = this.#options.clock.monotonic();
    this.#running = this.#commit().finally(() => {
      this.#running = undefined;
      if (this.#stopped.signal.aborted) return;
      if (this.#pendingBytes >= this.#options.bytes) this.#start();
      else if (this.#hasRows()) this.#schedule();
    });
    this.#running.catch(() => {
      // seen by flush(); without one waiting, the error was reported by onBlocked
    });
  }

  async #commit(): Promise<void> {
    for (const base of this.#builders.keys()) this.cut(base);
    const blocks = this.#sealed;
    this.#sealed = [];
    this.#committingBytes = this.#pendingBytes;
    this.#pendingBytes = 0;
    const spooled = await this.#appendUntilAccepted(blocks);
    this.#committingBytes = 0;
    if (this.#pressed && this.#pendingBytes <= PRESSURE_BYTES / 2) this.#press(false);
    for (const block of spooled) this.#options.onDurable(block);
  }

  async #appendUntilAccepted(blocks: readonly SealedBlock[]): Promise<SpooledBlock[]> {
    const { spool, clock, onBlocked, random } = this.#options;
    const backoff = openBackoff({ ...RETRY, random });
    for (;;) {
      try {
        const spooled = await spool.append(blocks);
        if (this.#error) onBlocked((this.#error = undefined));
        return spooled;
      } catch (error) {
        if (!CaptureError.is(error)) throw error;
        if (!this.#error) onBlocked((this.#error = error));
        if (this.#stopped.signal.aborted) throw error;
        await clock.sleep(backoff.nextMs(), this.#stopped.signal).catch(() => {
          // the lane ends: one last try
        });
      }
    }
  }

  #press(high: boolean): void {
    this.#pressed = high;
    this.#options.onPressure(high);
  }
}
