import type { InsertQueue, QueuedBlock } from '../insert/insert-queue.ts';
import type { SpooledBlock } from '../spool/spool.ts';

/**
 * Decides which payloads stay in memory until their INSERT (I10). The rest is in the spool and read back when its turn comes.
 */
export class MemoryBudget {
  readonly #maxBytes: number;
  readonly #maxHeldRows: number;
  #bytes = 0;

  /** @param maxHeldRows rows of a symbol that is held by a rotation which stay in memory */
  constructor(maxBytes: number, maxHeldRows: number) {
    this.#maxBytes = maxBytes;
    this.#maxHeldRows = maxHeldRows;
  }

  keep(block: SpooledBlock, queue: InsertQueue): Buffer | undefined {
    const isHeld = queue.holdFromUs !== undefined && block.location.lastTsRecvUs >= queue.holdFromUs;
    if (isHeld && queue.rows + block.location.rows > this.#maxHeldRows) return undefined;
    if (this.#bytes + block.payload.length > this.#maxBytes) return undefined;
    this.#bytes += block.payload.length;
    return block.payload;
  }

  release(block: QueuedBlock): void {
    if (block.payload) this.#bytes -= block.payload.length;
    block.payload = undefined;
  }
}
