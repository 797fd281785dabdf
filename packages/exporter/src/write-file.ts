import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { whenWritable } from './unwritable.ts';

/** What was written, counted and hashed on its way to the disk. */
export interface WrittenFile {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes `source` to a new file and makes it durable. The next chunk is asked for when the last one is written, so a slow
 * disk slows the store down instead of filling the heap (I10).
 *
 * @throws {CaptureError} `EXPORT_UNWRITABLE`; errors of `source` pass as they are. The file is left for the caller to remove.
 */
export async function writeDurably(
  path: string,
  source: AsyncIterable<Uint8Array>,
  options: { readonly signal: AbortSignal; readonly onBytes?: ((bytes: number) => void) | undefined },
): Promise<WrittenFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await whenWritable(path, () => open(path, 'wx'));
  try {
    for await (const chunk of source) {
      options.signal.throwIfAborted();
      hash.update(chunk);
      bytes += chunk.length;
      await whenWritable(path, () => file.writeFile(chunk));
      options.onBytes?.(bytes);
    }
    await whenWritable(path, () => file.sync());
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}
