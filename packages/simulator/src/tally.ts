/** Count, size and content of a set of frames, in any order. */
export interface TallyReport {
  readonly frames: number;
  readonly bytes: number;
  /** Sum modulo 2^64 of the xxHash64 (seed 0) of each frame's bytes, as a decimal number. */
  readonly digest: string;
  /** Frames by channel, `push.deal`. */
  readonly channels: Readonly<Record<string, number>>;
}

/** Counts frames. Order-independent, so that a recorder may compare it with what it stored. */
export class Tally {
  #frames = 0;
  #bytes = 0;
  #digest = 0n;
  readonly #channels = new Map<string, number>();

  add(channel: string, bytes: number, hash: bigint): void {
    this.#frames += 1;
    this.#bytes += bytes;
    this.#digest = BigInt.asUintN(64, this.#digest + hash);
    this.#channels.set(channel, (this.#channels.get(channel) ?? 0) + 1);
  }

  get frames(): number {
    return this.#frames;
  }

  report(): TallyReport {
    return {
      frames: this.#frames,
      bytes: this.#bytes,
      digest: String(this.#digest),
      channels: Object.fromEntries(this.#channels),
    };
  }
}
