import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CaptureError } from '../errors/capture-error.ts';

/** Who holds a lock, for messages only: the lock itself is what the kernel holds. */
export interface LockOwner {
  readonly pid: number;
  /** What the process is, for people: `lane btc`, `rotator`. */
  readonly what: string;
  readonly since: string;
}

type NewOwner = Pick<LockOwner, 'pid' | 'what'>;

/** A lock that ends with its process. */
export interface ProcessLock extends Disposable {
  readonly path: string;
}

/**
 * Takes the lock at `path`, or returns undefined when a live process holds it.
 *
 * Guarantee: held by at most one process of all that see the same file, and released by the kernel when the process ends,
 * however it ends (`kill -9` included), so a lock is never stale. Held through SQLite's own file lock (POSIX `fcntl`),
 * because Node has no `flock`; the database stays empty.
 */
export function tryLock(path: string, owner: NewOwner): ProcessLock | undefined {
  return take(path, owner, 0);
}

function take(path: string, owner: NewOwner, waitMs: number): ProcessLock | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec(`PRAGMA busy_timeout=${waitMs}; PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE`);
  } catch (cause) {
    if (database?.isOpen) database.close();
    if (isBusy(cause)) return undefined;
    throw cause;
  }
  const held = database;
  const record: LockOwner = { ...owner, since: new Date().toISOString() };
  try {
    writeFileSync(ownerPath(path), JSON.stringify(record), { mode: 0o600 });
  } catch (error) {
    held.close();
    throw error;
  }
  return {
    path,
    [Symbol.dispose]: () => {
      if (held.isOpen) held.close();
    },
  };
}

/**
 * Takes the lock at `path`. Waits a moment for one that somebody only tries out, as a look at what runs does.
 *
 * @throws {CaptureError} `LOCK_HELD`, which names the holder.
 */
export function openLock(path: string, owner: NewOwner): ProcessLock {
  const lock = take(path, owner, GLANCE_MS);
  if (lock) return lock;
  const holder = readLockOwner(path);
  throw new CaptureError(
    'LOCK_HELD',
    `${owner.what}: held by ${holder ? `${holder.what} (pid ${holder.pid}, since ${holder.since})` : 'another process'}`,
    {
      context: { path, ...(holder ? { pid: holder.pid } : {}) },
    },
  );
}

/** The last process that took the lock; says nothing about whether it still lives. */
export function readLockOwner(path: string): LockOwner | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(ownerPath(path), 'utf8'));
    if (typeof value === 'object' && value !== null && 'pid' in value && 'what' in value && 'since' in value) {
      return { pid: Number(value.pid), what: String(value.what), since: String(value.since) };
    }
  } catch {
    // No owner was ever recorded, or it is being written right now: the message then names nobody.
  }
  return undefined;
}

const ownerPath = (path: string): string => `${path}.json`;
/** Longest time for which a look at a lock holds it, milliseconds, with room. */
const GLANCE_MS = 250;
const SQLITE_BUSY = 5;
/** The low byte: extended codes name a kind of busy in the others. */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
