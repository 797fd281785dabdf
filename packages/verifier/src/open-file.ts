import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** A file that is read through one descriptor, so that every check sees the same bytes even when the name is replaced. */
export interface SourceFile extends AsyncDisposable {
  readonly bytes: number;
  /** Exactly `length` bytes from `offset`; throws when the file ends before. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Streams the whole file through SHA-256. */
  sha256(signal: AbortSignal): Promise<string>;
  /** Whether size and modification time are still those at the opening. */
  isUnchanged(): Promise<boolean>;
}

const CHUNK_BYTES = 1024 * 1024;

/** Opens `path` for reading; throws what the operating system says. */
export async function openFile(path: string): Promise<SourceFile> {
  const handle = await open(path, 'r');
  const before = await handle.stat({ bigint: true }).catch(async (error: unknown) => {
    await handle.close();
    throw error;
  });
  const bytes = Number(before.size);

  async function readInto(target: Uint8Array, offset: number): Promise<void> {
    for (let at = 0; at < target.length;) {
      const { bytesRead } = await handle.read(target, at, target.length - at, offset + at);
      if (bytesRead === 0) throw new Error(`the file ends at byte ${offset + at}`);
      at += bytesRead;
    }
  }

  return {
    bytes,
    async read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > bytes) throw new Error(`bytes ${offset}+${length} are outside the file`);
      const target = new Uint8Array(length);
      await readInto(target, offset);
      return target;
    },
    async sha256(signal) {
      const hash = createHash('sha256');
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, bytes));
      for (let offset = 0; offset < bytes; offset += chunk.length) {
        signal.throwIfAborted();
        const part = chunk.subarray(0, Math.min(chunk.length, bytes - offset));
        await readInto(part, offset);
        hash.update(part);
      }
      return hash.digest('hex');
    },
    async isUnchanged() {
      const now = await handle.stat({ bigint: true });
      return now.size === before.size && now.mtimeNs === before.mtimeNs;
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
