import { setTimeout as sleep } from 'node:timers/promises';

/** The only source of time. Injected, so that tests move it by hand. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch, UTC, with a fraction. May step back. */
  now(): number;
  /** Monotonic, milliseconds since an arbitrary start. Never steps back. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the reason of `signal` when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Read once: the getter costs more than the clock. */
const TIME_ORIGIN_MS = performance.timeOrigin;

export const systemClock: Clock = {
  now: () => {
    const monotonic = performance.now();
    return TIME_ORIGIN_MS + monotonic + wallDriftMs(monotonic);
  },
  monotonic: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
};

let driftMs = 0;
let driftCheckedAt = 0;

/**
 * `performance.now` has microseconds but does not follow the wall clock when it is set or slewed.
 * This keeps the two within 2 ms of each other by comparing them at most every 100 ms.
 */
function wallDriftMs(monotonic: number): number {
  if (monotonic - driftCheckedAt >= 100 || driftCheckedAt === 0) {
    driftCheckedAt = monotonic;
    const difference = Date.now() - (TIME_ORIGIN_MS + monotonic);
    if (Math.abs(difference - driftMs) > 2) driftMs = difference;
  }
  return driftMs;
}
