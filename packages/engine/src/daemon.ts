import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLock, systemClock, tryLock, type Clock, type ProcessLock } from '@mexc-toolkit/core';
import { drainPending } from 'chdb';
import { removeEngineAddress, writeEngineAddress } from './address.ts';
import type { Account } from './auth.ts';
import type { Engine, EngineLog } from './engine.ts';
import { DEFAULT_SESSIONS } from './default-sessions.ts';
import { enginePaths, type EnginePaths } from './paths.ts';
import { QueryRegistry } from './registry.ts';
import { makePipes } from './result-pipe.ts';
import { openPassword } from './secrets.ts';
import { openServer, type EngineServer } from './server.ts';
import { FRESH } from './session-state.ts';
import { SessionPool } from './sessions.ts';

/** What {@link runEngine} is given. */
export interface EngineOptions {
  readonly home: string;
  /** The port to listen on. @default the one of the last start, else any */
  readonly port?: number;
  /** Of this process, for the address and the lock. */
  readonly pid: number;
  /** Ends the engine when it aborts. */
  readonly signal: AbortSignal;
  readonly log: EngineLog;
  /** Statements that run at once; more wait their turn. @default 8 */
  readonly sessions?: number;
  /** How long running requests may take to end once `signal` has aborted, in milliseconds. @default 10_000 */
  readonly drainMs?: number;
  readonly clock?: Clock;
}

const DEFAULT_DRAIN_MS = 10_000;

/**
 * Serves the data of `home` as a ClickHouse HTTP interface on loopback, until `signal` aborts and running requests have ended.
 *
 * One engine serves a home at a time. What it has acknowledged survives the end of the process, however it ends.
 *
 * @throws {CaptureError} `LOCK_HELD` when an engine of this home is running.
 */
export async function runEngine(options: EngineOptions): Promise<void> {
  const { home, pid, signal, log } = options;
  const paths = enginePaths(home);
  for (const directory of [home, join(home, 'run'), join(home, 'engine')]) mkdirSync(directory, { recursive: true, mode: 0o700 });
  const clock = options.clock ?? systemClock;
  using lock = await openEngineLock(paths.lock, { pid, clock });
  const startedMs = clock.monotonic();
  const engine = await openEngine({ ...options, clock }, paths);
  try {
    const accounts: readonly Account[] = [
      { name: 'default', readonly: false, password: openPassword(paths.password) },
      { name: 'reader', readonly: true, password: openPassword(paths.readerPassword) },
    ];
    const server = await openServer(engine, accounts, options.port ?? lastPort(paths.port));
    writeFileSync(paths.port, `${server.port}\n`, { mode: 0o600 });
    const url = `http://127.0.0.1:${server.port}`;
    writeEngineAddress(home, { url, pid, version: engine.identity.version });
    log({
      event: 'engine.started',
      lock: lock.path,
      url,
      pid,
      version: engine.identity.version,
      startMs: Math.round(clock.monotonic() - startedMs),
    });
    await aborted(signal);
    log({ event: 'engine.stopping', running: engine.registry.all().length });
    removeEngineAddress(home);
    await drain(engine, server, options.drainMs ?? DEFAULT_DRAIN_MS);
  } finally {
    engine.sessions[Symbol.dispose]();
    engine.control[Symbol.dispose]();
    await drainPending();
  }
  log({ event: 'engine.stopped', ranMs: Math.round(clock.monotonic() - startedMs) });
}

const LOCK_ATTEMPTS = 20;
const LOCK_RETRY_MS = 25;

/** Tries for half a second, as `ensureEngine` and `stopEngine` hold the lock for an instant to see whether it is free. */
async function openEngineLock(path: string, by: { readonly pid: number; readonly clock: Clock }): Promise<ProcessLock> {
  const owner = { pid: by.pid, what: 'engine' };
  for (let attempt = 1; attempt < LOCK_ATTEMPTS; attempt += 1) {
    const lock = tryLock(path, owner);
    if (lock) return lock;
    // oxlint-disable-next-line no-await-in-loop -- the attempts are apart in time
    await by.clock.sleep(LOCK_RETRY_MS);
  }
  return openLock(path, owner);
}

async function openEngine(options: EngineOptions & { readonly clock: Clock }, paths: EnginePaths): Promise<Engine> {
  rmSync(paths.temporary, { recursive: true, force: true });
  for (const directory of [paths.temporary, paths.data]) mkdirSync(directory, { recursive: true, mode: 0o700 });
  const pipes = Array.from({ length: options.sessions ?? DEFAULT_SESSIONS }, (_, i) =>
    join(paths.temporary, `session-${i}.pipe`),
  );
  await makePipes(pipes);
  const control = new SessionPool({ dataPath: paths.data, pipes: [join(paths.temporary, 'control.pipe')] });
  const version = await readVersion(control, options.signal);
  return {
    pid: options.pid,
    paths,
    identity: { version, displayName: 'mexc-engine' },
    registry: new QueryRegistry(),
    sessions: new SessionPool({ dataPath: paths.data, pipes }),
    control,
    clock: options.clock,
    log: options.log,
    nonce: randomBytes(8).toString('hex'),
  };
}

async function readVersion(control: SessionPool, signal: AbortSignal): Promise<string> {
  const sql = 'SELECT version()';
  const lease = await control.acquire(FRESH, sql, signal);
  try {
    return Buffer.from((await lease.run(sql, 'TabSeparated')).bytes)
      .toString('utf8')
      .trim();
  } finally {
    lease.release();
  }
}

/** How long requests that were cancelled may take to end. */
const CUT_MS = 5_000;

/** Lets running requests end; after `drainMs` cancels them; goes on without those that do not end even then. */
async function drain(engine: Engine, server: EngineServer, drainMs: number): Promise<void> {
  const closed = server.close();
  const idle = new AbortController();
  const cutting = cutLate(engine, drainMs, idle.signal);
  await Promise.race([Promise.all(engine.registry.all().map((query) => query.ended)), cutting]);
  idle.abort();
  await cutting;
  server.closeNow();
  await closed;
}

async function cutLate(engine: Engine, drainMs: number, idle: AbortSignal): Promise<void> {
  try {
    await engine.clock.sleep(drainMs, idle);
  } catch {
    // Everything ended in time.
    return;
  }
  engine.log({ event: 'engine.drain_cut', running: engine.registry.all().length });
  const late = engine.registry.all();
  for (const query of late) engine.registry.cancel(query);
  await Promise.race([Promise.all(late.map((query) => query.ended)), engine.clock.sleep(CUT_MS)]);
}

function lastPort(path: string): number {
  try {
    const port = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
  } catch {
    // The first start in this home.
    return 0;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
