import type { Clock } from '@mexc-toolkit/core';

/** Counters of a lane, and the figures of the current interval. Bounded: a fixed number of latencies is kept (I10). */
export class Statistics {
  errors = 0;
  errorsInARow = 0;
  reconnects = 0;
  oversizedFrames = 0;
  readonly #clock: Clock;
  readonly #latencies: number[] = [];
  readonly #rowsAt = new Map<string, number>();
  #intervalStartMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#intervalStartMs = clock.monotonic();
  }

  noteInsert(latencyMs: number): void {
    this.#latencies.push(latencyMs);
    if (this.#latencies.length > MAX_LATENCIES) this.#latencies.shift();
  }

  noteError(): void {
    this.errors += 1;
    this.errorsInARow += 1;
  }

  /** Rows a second of `key` since the interval began. */
  rate(key: string, rows: number): number {
    const seconds = (this.#clock.monotonic() - this.#intervalStartMs) / 1000;
    return seconds <= 0 ? 0 : (rows - (this.#rowsAt.get(key) ?? 0)) / seconds;
  }

  /** Median and 99th percentile of the interval's INSERTs, milliseconds. */
  insertMs(): { readonly p50: number; readonly p99: number } | null {
    if (this.#latencies.length === 0) return null;
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return { p50: at(0.5), p99: at(0.99) };
  }

  /** Begins the next interval. `rows` are the totals by key. */
  nextInterval(rows: ReadonlyMap<string, number>): void {
    this.#intervalStartMs = this.#clock.monotonic();
    this.#latencies.length = 0;
    for (const [key, total] of rows) this.#rowsAt.set(key, total);
  }
}

const MAX_LATENCIES = 5000;
