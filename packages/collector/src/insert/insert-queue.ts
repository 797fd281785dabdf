import { dirname } from 'node:path';
import type { BlockLocation } from '../spool/scan-segment.ts';

/** A durable block that waits for its INSERT; `payload` is undefined when it has to be read back from disk. */
export interface QueuedBlock {
  readonly location: BlockLocation;
  payload: Buffer | undefined;
}

export const lastSeqOf = (block: { readonly firstSeq: number; readonly rows: number }): number => block.firstSeq + block.rows - 1;

/**
 * Blocks of one symbol that wait for their INSERT, in seq order. Bounded (I10): beyond `maxBlocks` only the place in the
 * spool is remembered where reading goes on.
 */
export class InsertQueue {
  readonly #maxBlocks: number;
  #blocks: QueuedBlock[] = [];
  #head = 0;
  #rows = 0;
  #overflow: { readonly segment: string; readonly offset: number } | undefined;
  #overflowRows = 0;
  #lastSeq = 0;
  /** Blocks from this ts_recv on are held back (rotation). */
  holdFromUs: number | undefined;

  constructor(maxBlocks: number) {
    this.#maxBlocks = maxBlocks;
  }

  /** Rows that wait, on disk or in memory. */
  get rows(): number {
    return this.#rows + this.#overflowRows;
  }

  /** Highest seq that was ever queued, on disk or in memory. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Where to read on, when there are blocks that only the spool remembers. */
  get overflow(): { readonly segment: string; readonly offset: number } | undefined {
    return this.#overflow;
  }

  /** Adds the next block; returns whether it is remembered here (else only in the spool, and its payload may go). */
  push(block: QueuedBlock): boolean {
    this.#lastSeq = Math.max(this.#lastSeq, lastSeqOf(block.location));
    if (this.#overflow || this.#blocks.length - this.#head >= this.#maxBlocks) {
      this.#overflow ??= { segment: block.location.segment, offset: block.location.offset };
      this.#overflowRows += block.location.rows;
      return false;
    }
    this.#blocks.push(block);
    this.#rows += block.location.rows;
    return true;
  }

  /** Takes back blocks that were read from the spool, and where to read on after them. */
  refill(blocks: readonly QueuedBlock[], next: { readonly segment: string; readonly offset: number } | undefined): void {
    this.#overflow = undefined;
    for (const block of blocks) {
      this.#lastSeq = Math.max(this.#lastSeq, lastSeqOf(block.location));
      this.#overflowRows = Math.max(0, this.#overflowRows - block.location.rows);
      this.#blocks.push(block);
      this.#rows += block.location.rows;
    }
    if (next) this.#overflow = next;
    else this.#overflowRows = 0;
  }

  /** The next blocks for one INSERT: at least one if any may go, at most `maxBytes`. They stay queued until `drop`. */
  peek(maxBytes: number): QueuedBlock[] {
    const taken: QueuedBlock[] = [];
    let bytes = 0;
    for (let index = this.#head; index < this.#blocks.length; index += 1) {
      const block = this.#blocks[index];
      if (!block || this.#isHeld(block)) break;
      if (taken.length > 0 && bytes + block.location.payloadBytes > maxBytes) break;
      taken.push(block);
      bytes += block.location.payloadBytes;
    }
    return taken;
  }

  /** Removes blocks from the front whose every seq is at most `lastSeq`; returns them. */
  dropThrough(lastSeq: number): QueuedBlock[] {
    const dropped: QueuedBlock[] = [];
    for (let block = this.#blocks[this.#head]; block && lastSeqOf(block.location) <= lastSeq; block = this.#blocks[this.#head]) {
      dropped.push(block);
      this.#rows -= block.location.rows;
      this.#head += 1;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#blocks.length) {
      this.#blocks = this.#blocks.slice(this.#head);
      this.#head = 0;
    }
    return dropped;
  }

  /** Whether a row before `boundaryUs` still waits. */
  hasBefore(boundaryUs: number): boolean {
    const first = this.#blocks[this.#head];
    if (first) return first.location.firstTsRecvUs < boundaryUs;
    return this.#overflow !== undefined;
  }

  get isEmpty(): boolean {
    return this.#head === this.#blocks.length && this.#overflow === undefined;
  }

  /** Whether the memory part is used up and the spool has more. */
  get needsRefill(): boolean {
    return this.#head === this.#blocks.length && this.#overflow !== undefined;
  }

  #isHeld(block: QueuedBlock): boolean {
    return this.holdFromUs !== undefined && block.location.lastTsRecvUs >= this.holdFromUs;
  }
}

/**
 * Queues what a recovery has found. Reading on from a place in the spool finds the blocks of that directory only, so blocks
 * of several directories (the symbol was in another lane) are all kept in mind.
 */
export function queueRecovered(queue: InsertQueue, pending: readonly BlockLocation[]): void {
  const blocks = pending.map((location): QueuedBlock => ({ location, payload: undefined }));
  const isOneDirectory = new Set(pending.map(({ segment }) => dirname(segment))).size === 1;
  if (!isOneDirectory) queue.refill(blocks, undefined);
  else for (const block of blocks) queue.push(block);
}
