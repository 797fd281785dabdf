/**
 * A sliding window per key: at most `requests` in any `windowMs`. Refused requests do not count, so there is no penalty
 * (docs/protocol.md §6).
 */
export class Limiter {
  readonly #requests: number;
  readonly #windowMs: number;
  readonly #grantedAt = new Map<string, number[]>();

  constructor(options: { readonly requests: number; readonly windowMs: number }) {
    this.#requests = options.requests;
    this.#windowMs = options.windowMs;
  }

  /** `now` is monotonic milliseconds. */
  tryTake(key: string, now: number): boolean {
    const recent = (this.#grantedAt.get(key) ?? []).filter((at) => now - at < this.#windowMs);
    const granted = recent.length < this.#requests;
    if (granted) recent.push(now);
    this.#grantedAt.set(key, recent);
    if (this.#grantedAt.size > MAX_KEYS) this.#forgetIdle(now);
    return granted;
  }

  #forgetIdle(now: number): void {
    for (const [key, times] of this.#grantedAt) {
      if (now - (times.at(-1) ?? 0) >= this.#windowMs) this.#grantedAt.delete(key);
    }
  }
}

/** Beyond this many addresses the idle ones are forgotten: all of 127.0.0.0/8 may call. */
const MAX_KEYS = 10_000;
