import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The password in the file at `path`; makes both, mode 0600, when there is none yet. */
export function openPassword(path: string): string {
  const existing = readPassword(path);
  if (existing !== undefined) return existing;
  const password = randomBytes(32).toString('base64url');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${password}\n`, { mode: 0o600 });
  return password;
}

/** The password in the file at `path`, or undefined. */
export function readPassword(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    // No engine was ever started in this home, or it is another user's.
    return undefined;
  }
}
