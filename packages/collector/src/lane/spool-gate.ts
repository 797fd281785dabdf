/**
 * Whether frames may be accepted: closed while the spool refuses rows, or while more of them wait in memory than may (I10).
 * What is not accepted cannot be lost here; the venue is held back or disconnected, and the pause is an outage (I9).
 */
export class SpoolGate {
  #blocked = false;
  #pressed = false;
  #opened = Promise.withResolvers<void>();

  get isOpen(): boolean {
    return !this.#blocked && !this.#pressed;
  }

  /** The spool cannot be written. */
  get isBlocked(): boolean {
    return this.#blocked;
  }

  setBlocked(blocked: boolean): void {
    this.#blocked = blocked;
    this.#notify();
  }

  setPressed(pressed: boolean): void {
    this.#pressed = pressed;
    this.#notify();
  }

  /** Resolves when the gate is open or `signal` aborts; at once as a rule. */
  async untilOpen(signal: AbortSignal): Promise<void> {
    const onAbort = (): void => this.#wake();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!this.isOpen && !signal.aborted) await this.#opened.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #notify(): void {
    if (this.isOpen) this.#wake();
  }

  #wake(): void {
    this.#opened.resolve();
    this.#opened = Promise.withResolvers();
  }
}
