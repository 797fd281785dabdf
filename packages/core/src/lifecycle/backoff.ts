/** Exponential backoff with full jitter. */
export interface Backoff {
  /** The next pause, milliseconds: uniform in `(0, min(max, min × 2^n)]`. */
  nextMs(): number;
  /** After a healthy signal: the next pause is short again. */
  reset(): void;
  /** Pauses since the last reset. */
  readonly attempts: number;
}

/** `random` is uniform in `[0, 1)`. */
export function openBackoff(options: { readonly minMs: number; readonly maxMs: number; readonly random: () => number }): Backoff {
  let attempts = 0;
  return {
    nextMs: () => {
      const ceiling = Math.min(options.maxMs, options.minMs * 2 ** Math.min(attempts, 30));
      attempts += 1;
      return Math.max(1, Math.ceil(ceiling * (1 - options.random())));
    },
    reset: () => {
      attempts = 0;
    },
    get attempts() {
      return attempts;
    },
  };
}
