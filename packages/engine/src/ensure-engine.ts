import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CaptureError, readLockOwner, tryLock, type Clock, type ProcessLock } from '@mexc-toolkit/core';
import { findEngine, readEngineAddress, type EngineAddress } from './address.ts';
import { DEFAULT_SESSIONS } from './default-sessions.ts';
import { enginePaths } from './paths.ts';

/** A Node process that is to outlive its starter. */
export interface DetachedCommand {
  /** For Node: options, script, arguments. */
  readonly args: readonly string[];
  /** Added to the environment of the starter. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes stdout and stderr; appended to, mode 0600. */
  readonly logPath: string;
}

/** Starts a process in a session of its own and does not wait for it. */
export type SpawnDetached = (command: DetachedCommand) => void;

/** What {@link ensureEngine} is given. */
export interface EnsureEngineOptions {
  readonly home: string;
  readonly spawnDetached: SpawnDetached;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** @default 30_000 */
  readonly startTimeoutMs?: number;
}

const isSource = import.meta.url.endsWith('.ts');

/** The file to run as the daemon: `node <engineEntry> --home <home>`. */
export const engineEntry: string = fileURLToPath(
  isSource ? new URL('./daemon-main.ts', import.meta.url) : new URL('./daemon-main.js', import.meta.url),
);

const START_TIMEOUT_MS = 30_000;
const POLL_MS = 25;
/** For files and sockets, beside one libuv thread for each session. */
const SPARE_THREADS = 8;

/** A {@link SpawnDetached} for the Node at `execPath` and the environment `env` of the starter. */
export function nodeSpawner(node: {
  readonly execPath: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}): SpawnDetached {
  return ({ args, env, logPath }) => {
    mkdirSync(dirname(logPath), { recursive: true, mode: 0o700 });
    const log = openSync(logPath, 'a', 0o600);
    try {
      const child = spawn(node.execPath, args, { detached: true, stdio: ['ignore', log, log], env: { ...node.env, ...env } });
      // A process that cannot be started is noticed by not answering.
      child.on('error', () => {});
      child.unref();
    } finally {
      closeSync(log);
    }
  };
}

/**
 * The running engine of `home`; starts one when there is none, and waits until it answers.
 *
 * Of several that ask at once exactly one starts a process (a lock decides) and all get its address.
 *
 * @throws {CaptureError} `ENGINE_START_FAILED` when none answers within `startTimeoutMs`.
 */
export async function ensureEngine(options: EnsureEngineOptions): Promise<EngineAddress> {
  const { home, clock, signal, startTimeoutMs = START_TIMEOUT_MS } = options;
  const paths = enginePaths(home);
  const deadline = clock.monotonic() + startTimeoutMs;
  let starter: ProcessLock | undefined;
  let spawnedAt: number | undefined;
  try {
    for (;;) {
      signal.throwIfAborted();
      const found = await findEngine(home);
      if (found) return found;
      if (clock.monotonic() > deadline) {
        throw new CaptureError('ENGINE_START_FAILED', `the engine of ${home} did not answer within ${startTimeoutMs} ms`, {
          context: { home, log: paths.log },
        });
      }
      // One starter at a time: a second process would find the engine running, or replace it when it has just been stopped.
      starter ??= tryLock(paths.startLock, { pid: 0, what: 'a starter of the engine' });
      const maySpawn = spawnedAt === undefined || clock.monotonic() - spawnedAt > RESPAWN_MS;
      // A held lock: the engine is starting or stopping.
      if (starter && maySpawn && isFree(paths.lock)) {
        spawnedAt = clock.monotonic();
        options.spawnDetached(engineCommand(home));
      }
      await clock.sleep(POLL_MS, signal);
    }
  } finally {
    starter?.[Symbol.dispose]();
  }
}

/** A process that was started takes the lock within this time, or has failed. */
const RESPAWN_MS = 5_000;

function engineCommand(home: string): DetachedCommand {
  const conditions = isSource ? ['--conditions=@mexc-toolkit/source'] : [];
  return {
    args: [...conditions, engineEntry, '--home', home],
    env: { UV_THREADPOOL_SIZE: String(DEFAULT_SESSIONS + SPARE_THREADS), TZ: 'UTC' },
    logPath: enginePaths(home).log,
  };
}

/** Holds the lock for an instant; a daemon that starts meanwhile tries again. */
function isFree(path: string): boolean {
  const lock = tryLock(path, { pid: 0, what: 'a check whether the engine runs' });
  lock?.[Symbol.dispose]();
  return lock !== undefined;
}

/** What {@link stopEngine} needs of its surroundings. */
export interface StopEngineOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Sends SIGTERM to a process, as `process.kill`. */
  readonly kill: (pid: number, signal: 'SIGTERM') => void;
  /** @default 30_000 */
  readonly stopTimeoutMs?: number;
}

/**
 * Stops the engine of `home` gracefully and waits until its lock is free. False when none was running.
 *
 * The process is signalled only when it is proven to be the engine: it holds the lock under this pid, or answers with it.
 */
export async function stopEngine(home: string, options: StopEngineOptions): Promise<boolean> {
  const { clock, signal, kill, stopTimeoutMs = START_TIMEOUT_MS } = options;
  const paths = enginePaths(home);
  if (isFree(paths.lock)) return false;
  const pid = readLockOwner(paths.lock)?.pid;
  const address = readEngineAddress(home);
  if (pid === undefined || (address !== undefined && address.pid !== pid)) {
    throw new CaptureError('LOCK_HELD', `the process that holds the engine of ${home} is not known`, { context: { home } });
  }
  kill(pid, 'SIGTERM');
  const deadline = clock.monotonic() + stopTimeoutMs;
  while (!isFree(paths.lock)) {
    if (clock.monotonic() > deadline) {
      throw new CaptureError('LOCK_HELD', `the engine of ${home} (pid ${pid}) did not stop within ${stopTimeoutMs} ms`, {
        context: { home, pid },
      });
    }
    await clock.sleep(POLL_MS, signal);
  }
  return true;
}
