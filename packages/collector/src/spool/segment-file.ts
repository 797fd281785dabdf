import { open, readdir, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CaptureError } from '@mexc-toolkit/core';

const NAME = /^segment-(\d{12})\.spool$/;

/** Segment files of a spool directory, oldest first. An absent directory has none. */
export async function listSegments(directory: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter((name) => NAME.test(name))
    .toSorted()
    .map((name) => join(directory, name));
}

/** Path of the segment after `last`, or of the first one. */
export function nextSegmentPath(directory: string, last: string | undefined): string {
  const number = last === undefined ? 0 : Number(NAME.exec(basename(last))?.[1] ?? 0);
  return join(directory, `segment-${String(number + 1).padStart(12, '0')}.spool`);
}

/** The file that blocks are appended to. */
export class SegmentFile {
  readonly path: string;
  readonly #file: FileHandle;
  #bytes = 0;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Makes a new, empty segment. */
  static async create(path: string): Promise<SegmentFile> {
    return new SegmentFile(path, await open(path, 'wx', 0o600));
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Appends all of `parts`, or nothing: what a failed write left is cut off again (as far as the disk lets us; a torn
   * tail is recognised at the next start in any case).
   */
  async append(parts: readonly Uint8Array[]): Promise<void> {
    const start = this.#bytes;
    const total = parts.reduce((sum, part) => sum + part.length, 0);
    try {
      let { bytesWritten } = await this.#file.writev([...parts], start);
      if (bytesWritten < total) {
        const joined = Buffer.concat(parts);
        while (bytesWritten < total) {
          const more = await this.#file.write(joined, bytesWritten, total - bytesWritten, start + bytesWritten);
          if (more.bytesWritten === 0) throw new Error('the file system accepted no byte');
          bytesWritten += more.bytesWritten;
        }
      }
    } catch (error) {
      await this.#file.truncate(start).catch(() => {
        // the tail stays torn: the segment is not used again and the next start cuts it
      });
      throw error;
    }
    this.#bytes = start + total;
  }

  async sync(): Promise<void> {
    await this.#file.datasync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** @returns a coded error for anything that the disk refused */
export function toSpoolError(cause: unknown, path: string): CaptureError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  const why = code === 'ENOSPC' ? 'the disk is full' : code === 'EDQUOT' ? 'the disk quota is used up' : code;
  return new CaptureError('SPOOL_UNWRITABLE', `cannot write ${path}: ${why}`, { cause, context: { path, errno: code } });
}
