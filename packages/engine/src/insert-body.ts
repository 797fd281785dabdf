import { closeSync, openSync, unlinkSync, writevSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** The data of one INSERT on disk. Removed when disposed. */
export interface BodyFile extends Disposable {
  readonly path: string;
}

/** What is held in memory of a body at most, before it is written. */
const BUFFER_BYTES = 2 * 1024 * 1024;
/** A body up to this size is written at once, without the libuv threads: that takes less time than waking one. */
const AT_ONCE_BYTES = 256 * 1024;

/**
 * Writes `data` to a new file in `directory`, mode 0600, in the order it comes.
 *
 * The file is complete when this resolves: when the stream breaks off it rejects, and nothing stays behind. Not fsynced, as it
 * is of no use after a crash.
 */
export async function spoolBody(data: AsyncIterable<Buffer>, directory: string, name: string): Promise<BodyFile> {
  const path = join(directory, `${name}.body`);
  let file: FileHandle | undefined;
  let buffers: Buffer[] = [];
  let buffered = 0;
  try {
    for await (const chunk of data) {
      buffers.push(chunk);
      buffered += chunk.length;
      if (buffered < BUFFER_BYTES) continue;
      file ??= await open(path, 'wx', 0o600);
      await writeAll(file, buffers);
      buffers = [];
      buffered = 0;
    }
    if (file === undefined && buffered <= AT_ONCE_BYTES) {
      writeAtOnce(path, buffers);
    } else {
      file ??= await open(path, 'wx', 0o600);
      await writeAll(file, buffers);
    }
    await file?.close();
  } catch (error) {
    await file?.close().catch(() => {
      // Already closed; the first error is the one to tell.
    });
    if (file) unlinkSync(path);
    throw error;
  }
  return { path, [Symbol.dispose]: () => unlinkSync(path) };
}

async function writeAll(file: FileHandle, buffers: readonly Buffer[]): Promise<void> {
  const expected = byteLength(buffers);
  if (expected === 0) return;
  const { bytesWritten } = await file.writev(buffers);
  // A full disk may take a part; the rest then says what is wrong.
  if (bytesWritten < expected) await file.writeFile(Buffer.concat(buffers).subarray(bytesWritten));
}

function writeAtOnce(path: string, buffers: readonly Buffer[]): void {
  const fd = openSync(path, 'wx', 0o600);
  try {
    if (buffers.length > 0 && writevSync(fd, buffers) < byteLength(buffers))
      throw new Error('the disk took only a part of the data');
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(fd);
  }
}

const byteLength = (buffers: readonly Buffer[]): number => buffers.reduce((sum, { length }) => sum + length, 0);
