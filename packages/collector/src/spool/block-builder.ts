import { rowBytes, writeRow, type Row } from '@mexc-toolkit/core';

/** A block that is complete in memory and not durable yet. */
export interface SealedBlock {
  readonly base: string;
  readonly firstSeq: number;
  readonly rows: number;
  readonly firstTsRecvUs: number;
  readonly lastTsRecvUs: number;
  readonly payload: Buffer;
}

const INITIAL_BYTES = 16 * 1024;
const MAX_EXPECTED_BYTES = 2 * 1024 * 1024;

/** Rows of one symbol that wait for the next group commit. */
export class BlockBuilder {
  readonly base: string;
  #buffer = Buffer.alloc(0);
  #bytes = 0;
  #rows = 0;
  #firstSeq = 0;
  #firstTsRecvUs = 0;
  #lastTsRecvUs = 0;
  /** What the last block took and an eighth more: the next one is alike, so it need not grow, and keeps little unused. */
  #expectedBytes = INITIAL_BYTES;

  constructor(base: string) {
    this.base = base;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Adds the next row; returns the bytes that it takes. The frame's bytes are copied. */
  append(row: Row): number {
    const needed = rowBytes(row.m.length);
    if (this.#bytes + needed > this.#buffer.length) this.#grow(needed);
    if (this.#rows === 0) {
      this.#firstSeq = row.seq;
      this.#firstTsRecvUs = row.tsRecvUs;
    }
    this.#bytes = writeRow(this.#buffer, this.#bytes, row);
    this.#rows += 1;
    this.#lastTsRecvUs = row.tsRecvUs;
    return needed;
  }

  /** The rows so far as a block; the builder is empty afterwards. Undefined when there are none. */
  seal(): SealedBlock | undefined {
    if (this.#rows === 0) return undefined;
    const block: SealedBlock = {
      base: this.base,
      firstSeq: this.#firstSeq,
      rows: this.#rows,
      firstTsRecvUs: this.#firstTsRecvUs,
      lastTsRecvUs: this.#lastTsRecvUs,
      payload: this.#buffer.subarray(0, this.#bytes),
    };
    this.#expectedBytes = Math.min(MAX_EXPECTED_BYTES, Math.max(INITIAL_BYTES, Math.ceil(this.#bytes * 1.125)));
    this.#buffer = Buffer.alloc(0);
    this.#bytes = 0;
    this.#rows = 0;
    return block;
  }

  #grow(needed: number): void {
    const next = Buffer.allocUnsafeSlow(Math.max(this.#expectedBytes, this.#buffer.length * 2, this.#bytes + needed));
    this.#buffer.copy(next, 0, 0, this.#bytes);
    this.#buffer = next;
  }
}
