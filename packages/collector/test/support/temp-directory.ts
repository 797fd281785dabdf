import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory that is gone when it is disposed of. */
export function openTempDirectory(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'mexc-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
