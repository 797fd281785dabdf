import { mkdir, rm, stat } from 'node:fs/promises';
import { BLOCK_CRC_OFFSET, encodeBlockHeader, syncDirectory, type Clock } from '@mexc-toolkit/core';
import type { SealedBlock } from './block-builder.ts';
import type { BlockLocation } from './scan-segment.ts';
import { listSegments, nextSegmentPath, SegmentFile, toSpoolError } from './segment-file.ts';

export interface SpoolOptions {
  readonly directory: string;
  readonly segmentBytes: number;
  /** When bytes reach the disk: after every append, at most once a second, or when the kernel likes. */
  readonly sync: 'always' | 'interval' | 'never';
  readonly clock: Clock;
  /** What older segments hold, as found by a scan. */
  readonly existing: SpoolContents;
}

/** A block that is in the spool, with its payload still at hand. */
export interface SpooledBlock {
  readonly location: BlockLocation;
  readonly payload: Buffer;
}

/** Both ends included. */
export interface SeqRange {
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** Which seqs of which base each segment holds. */
export type SpoolContents = Map<string, Map<string, SeqRange>>;

const SYNC_INTERVAL_MS = 1000;

/**
 * The durable log of one lane: segments of blocks, append-only, one writer.
 *
 * Guarantee (I4): once `append` resolves with `sync: always`, the blocks survive `kill -9` and a power cut, in the order
 * in which they were given. After a rejection none of them counts as appended; giving them again is safe.
 */
export class Spool implements AsyncDisposable {
  readonly #options: SpoolOptions;
  #segment: SegmentFile | undefined;
  #lastPath: string | undefined;
  #syncedAtMs = 0;
  readonly #contents: SpoolContents;

  private constructor(options: SpoolOptions, lastPath: string | undefined) {
    this.#options = options;
    this.#lastPath = lastPath;
    this.#contents = options.existing;
  }

  /** Opens the spool for appending. Begins a new segment at the first append; existing ones are never written to again. */
  static async open(options: SpoolOptions): Promise<Spool> {
    try {
      await mkdir(options.directory, { recursive: true, mode: 0o700 });
      return new Spool(options, (await listSegments(options.directory)).at(-1));
    } catch (error) {
      throw toSpoolError(error, options.directory);
    }
  }

  get directory(): string {
    return this.#options.directory;
  }

  /** @throws {CaptureError} `SPOOL_UNWRITABLE` */
  async append(blocks: readonly SealedBlock[]): Promise<SpooledBlock[]> {
    let path = this.#options.directory;
    let isNew = false;
    try {
      const segment = await this.#segmentForAppend();
      path = segment.path;
      const start = segment.bytes;
      isNew = start === 0;
      const encoded = blocks.map((block) => ({ block, header: encodeBlockHeader(block, block.payload) }));
      await segment.append(encoded.flatMap(({ block, header }) => [header, block.payload]));
      await this.#maybeSync(segment);
      return this.#locate(encoded, segment.path, start);
    } catch (error) {
      // After a failed write or fdatasync the state of this file is not known: what it holds is written again elsewhere.
      const failed = this.#segment;
      this.#segment = undefined;
      await failed?.close().catch(() => {
        // nothing more can be done for this file; its good blocks are found by the next scan
      });
      // A disk that stays full would else collect one file a try.
      if (failed && (isNew || failed.bytes === 0)) await rm(failed.path, { force: true }).catch(() => {});
      throw toSpoolError(error, path);
    }
  }

  /** Bases of which some segment holds rows. */
  get bases(): ReadonlySet<string> {
    return new Set([...this.#contents.values()].flatMap((bases) => [...bases.keys()]));
  }

  /**
   * Removes segments whose every row is verified (I7) and that are older than `retentionMs`.
   *
   * @param isVerified whether all rows of `base` in the range are in verified epochs
   */
  async prune(
    isVerified: (base: string, range: SeqRange) => boolean,
    retentionMs: number,
  ): Promise<{ readonly segments: number; readonly bytes: number }> {
    let segments = 0;
    let bytes = 0;
    for (const [path, bases] of this.#contents) {
      if (path === this.#segment?.path || ![...bases].every(([base, range]) => isVerified(base, range))) continue;
      const { size, mtimeMs } = await stat(path).catch((error: unknown) => {
        throw toSpoolError(error, path);
      });
      if (this.#options.clock.now() - mtimeMs < retentionMs) continue;
      await rm(path).catch((error: unknown) => {
        throw toSpoolError(error, path);
      });
      this.#contents.delete(path);
      segments += 1;
      bytes += size;
    }
    return { segments, bytes };
  }

  /** Makes everything durable and closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    const segment = this.#segment;
    this.#segment = undefined;
    if (!segment) return;
    try {
      await segment.sync();
      await segment.close();
    } catch (error) {
      throw toSpoolError(error, segment.path);
    }
  }

  async #segmentForAppend(): Promise<SegmentFile> {
    if (this.#segment && this.#segment.bytes < this.#options.segmentBytes) return this.#segment;
    const full = this.#segment;
    this.#segment = undefined;
    if (full) {
      await full.sync();
      await full.close();
    }
    const path = nextSegmentPath(this.#options.directory, this.#lastPath);
    const segment = await SegmentFile.create(path);
    this.#lastPath = path;
    this.#segment = segment;
    if (this.#options.sync !== 'never') await syncDirectory(this.#options.directory);
    return segment;
  }

  async #maybeSync(segment: SegmentFile): Promise<void> {
    const { sync, clock } = this.#options;
    if (sync === 'never') return;
    if (sync === 'interval' && clock.monotonic() - this.#syncedAtMs < SYNC_INTERVAL_MS) return;
    await segment.sync();
    this.#syncedAtMs = clock.monotonic();
  }

  #locate(
    encoded: readonly { readonly block: SealedBlock; readonly header: Buffer }[],
    segment: string,
    start: number,
  ): SpooledBlock[] {
    let offset = start;
    return encoded.map(({ block: { payload, ...block }, header }) => {
      const payloadOffset = offset + header.length;
      const payloadCrc = header.readUInt32LE(BLOCK_CRC_OFFSET);
      const location: BlockLocation = { ...block, payloadBytes: payload.length, payloadCrc, segment, offset, payloadOffset };
      noteContents(this.#contents, segment, block);
      offset = payloadOffset + payload.length;
      return { location, payload };
    });
  }
}

/** Notes that `segment` holds a block. */
export function noteContents(
  contents: SpoolContents,
  segment: string,
  block: { readonly base: string; readonly firstSeq: number; readonly rows: number },
): void {
  const bases = contents.get(segment) ?? new Map<string, SeqRange>();
  const known = bases.get(block.base);
  bases.set(block.base, {
    firstSeq: Math.min(known?.firstSeq ?? Infinity, block.firstSeq),
    lastSeq: Math.max(known?.lastSeq ?? 0, block.firstSeq + block.rows - 1),
  });
  contents.set(segment, bases);
}
