import { open, type FileHandle } from 'node:fs/promises';
import { BLOCK_FIXED_BYTES, BLOCK_MAGIC, headerBytes, isPayloadOf, readBlockHeader, type BlockHeader } from '@mexc-toolkit/core';

/** Where a durable block lies. `payloadOffset` and `payloadBytes` are what an INSERT sends. */
export interface BlockLocation extends BlockHeader {
  readonly segment: string;
  readonly offset: number;
  readonly payloadOffset: number;
}

export type Scanned =
  | { readonly kind: 'block'; readonly block: BlockLocation }
  /** Bytes that are no good block although good ones follow, or the segment is not the last one. */
  | {
      readonly kind: 'damage';
      readonly segment: string;
      readonly offset: number;
      readonly bytes: number;
      readonly header: BlockHeader | undefined;
    }
  /** The end of the last segment is not a whole block: a commit that a crash cut short. */
  | { readonly kind: 'torn'; readonly segment: string; readonly offset: number; readonly bytes: number };

export interface ScanOptions {
  /** The last segment of its spool: its end may be torn. */
  readonly last: boolean;
  /** Whether the payload's checksum is to be verified; its header's always is. */
  readonly check: (header: BlockHeader) => boolean;
  /** Where to begin. @default 0 */
  readonly fromOffset?: number;
}

const WINDOW_BYTES = 1024 * 1024;

/**
 * Walks the blocks of one segment in order. Any bytes are walked to their end: damage is reported and skipped by looking for
 * the next good header, so one bad block never hides the ones after it. Memory: one window and one payload.
 */
export async function* scanSegment(segment: string, options: ScanOptions): AsyncGenerator<Scanned> {
  const file = await open(segment, 'r');
  try {
    const { size } = await file.stat();
    const window = new Window(file, size);
    let at = options.fromOffset ?? 0;
    while (at < size) {
      const found = await readBlockAt(window, at, { segment, check: options.check });
      if (found.good) {
        yield { kind: 'block', block: found.block };
        at = found.block.payloadOffset + found.block.payloadBytes;
        continue;
      }
      const next = await findNextHeader(window, found.resumeAt);
      if (next === undefined && options.last) {
        yield { kind: 'torn', segment, offset: at, bytes: size - at };
        return;
      }
      yield { kind: 'damage', segment, offset: at, bytes: (next ?? size) - at, header: found.header };
      at = next ?? size;
    }
  } finally {
    await file.close();
  }
}

type BlockAt =
  | { readonly good: true; readonly block: BlockLocation }
  | {
      readonly good: false;
      readonly header: BlockHeader | undefined;
      /** Where the next header may be. */ readonly resumeAt: number;
    };

async function readBlockAt(
  window: Window,
  offset: number,
  about: { readonly segment: string; readonly check: ScanOptions['check'] },
): Promise<BlockAt> {
  const read = readBlockHeader(await window.read(offset, BLOCK_FIXED_BYTES + 64), 0);
  if (read.kind !== 'header') return { good: false, header: undefined, resumeAt: offset + 1 };
  const { header } = read;
  const payloadOffset = offset + headerBytes(header);
  const end = payloadOffset + header.payloadBytes;
  if (end > window.size) return { good: false, header, resumeAt: offset + 1 };
  if (about.check(header) && !isPayloadOf(header, await window.read(payloadOffset, header.payloadBytes)))
    return { good: false, header, resumeAt: (await isBlockEnd(window, end)) ? end : offset + 1 };
  return { good: true, block: { ...header, segment: about.segment, offset, payloadOffset } };
}

/**
 * Whether a block may end at `end`. The payload of a damaged block may hold anything, even the image of a block, so it is passed
 * over as a whole when its header tells the truth about its length.
 */
async function isBlockEnd(window: Window, end: number): Promise<boolean> {
  return readBlockHeader(await window.read(end, BLOCK_FIXED_BYTES + 64), 0).kind !== 'invalid';
}

/** Offset of the next bytes that are a good header, at or after `from`. */
async function findNextHeader(window: Window, from: number): Promise<number | undefined> {
  for (let at = from; at < window.size;) {
    const chunk = await window.read(at, WINDOW_BYTES);
    const hit = chunk.indexOf(BLOCK_MAGIC);
    if (hit === -1) {
      at += Math.max(1, chunk.length - (BLOCK_MAGIC.length - 1));
      if (chunk.length < BLOCK_MAGIC.length) return undefined;
      continue;
    }
    const candidate = await window.read(at + hit, BLOCK_FIXED_BYTES + 64);
    if (readBlockHeader(candidate, 0).kind === 'header') return at + hit;
    at += hit + 1;
  }
  return undefined;
}

/** Reads through a window, because most reads are small and near each other. */
class Window {
  readonly size: number;
  readonly #file: FileHandle;
  #start = 0;
  #bytes = Buffer.alloc(0);

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  /** Up to `length` bytes at `offset`; fewer at the end of the file. Valid until the next read. */
  async read(offset: number, length: number): Promise<Buffer> {
    const end = Math.min(this.size, offset + length);
    if (offset < this.#start || end > this.#start + this.#bytes.length) {
      const wanted = Math.min(this.size - offset, Math.max(length, WINDOW_BYTES));
      const buffer = Buffer.allocUnsafe(Math.max(0, wanted));
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await this.#file.read(buffer, filled, buffer.length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      this.#start = offset;
      this.#bytes = buffer.subarray(0, filled);
    }
    return this.#bytes.subarray(offset - this.#start, Math.max(offset, end) - this.#start);
  }
}
