import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The data of one INSERT on disk. Removed when disposed. */
export interface BodyFile extends AsyncDisposable {
  readonly path: string;
  readonly bytes: number;
}

/** What is held in memory of a body at most, before it is written. */
const BUFFER_BYTES = 1024 * 1024;

/**
 * Writes `data` to a new file in `directory`, mode 0600, in the order it comes.
 *
 * The file is complete when this resolves: when the stream breaks off it rejects, and nothing stays behind. Not fsynced, as it
 * is of no use after a crash.
 */
export async function spoolBody(data: AsyncIterable<Buffer>, directory: string, name: string): Promise<BodyFile> {
  const path = join(directory, `${name}.body`);
  const file = await open(path, 'wx', 0o600);
  let bytes = 0;
  try {
    let buffers: Buffer[] = [];
    let buffered = 0;
    const flush = async (): Promise<void> => {
      if (buffered === 0) return;
      await file.writev(buffers);
      bytes += buffered;
      buffers = [];
      buffered = 0;
    };
    for await (const chunk of data) {
      buffers.push(chunk);
      buffered += chunk.length;
      if (buffered >= BUFFER_BYTES) await flush();
    }
    await flush();
    await file.close();
  } catch (error) {
    await file.close().catch(() => {
      // Already closed; the first error is the one to tell.
    });
    await rm(path, { force: true });
    throw error;
  }
  return { path, bytes, [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}
