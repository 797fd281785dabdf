import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readLockOwner, tryLock, writeFileAtomic, type Clock, type HomePaths } from '@mexc-toolkit/core';
import type { LaneSpec } from './lane-spec.ts';

/** How Node and the lane's entry file are found. */
export interface LaneProgram {
  readonly execPath: string;
  readonly entry: string;
}

/** Files of a lane process. */
const specPath = (paths: HomePaths, lane: string): string => join(paths.run, `lane-${lane}.spec.json`);
const lockPath = (paths: HomePaths, lane: string): string => `${paths.spool(lane)}.lock`;

/** A lane makes little garbage: with a small young generation it stays 10 MB smaller, for about a tenth more CPU at full speed. */
const NODE_OPTIONS = ['--max-semi-space-size=2', '--disable-warning=ExperimentalWarning'];
/** Of glibc: one arena for all threads, and the memory of large buffers goes back to the system when they are freed. */
const MALLOC_ENV = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '262144', MALLOC_TRIM_THRESHOLD_: '1048576' };

/** Loaded when a process is started: a lane imports this package too, and starts none. */
const loadExeca = () => import('execa');

/** Starts a lane beside this process, with its terminal. Resolves with the exit status when it ends. */
export async function runAttachedLane(
  spec: LaneSpec,
  options: { readonly paths: HomePaths; readonly program: LaneProgram; readonly signal: AbortSignal },
): Promise<number> {
  const path = await writeSpec(spec, options.paths);
  const { execa } = await loadExeca();
  const child = execa(options.program.execPath, [...NODE_OPTIONS, options.program.entry, path], {
    env: MALLOC_ENV,
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    ipc: true, // its end tells the lane that this process is gone
    reject: false,
    cleanup: false,
  });
  // Ctrl-C reaches the lane by itself; SIGTERM does only by us. Twice is harmless.
  const onAbort = (): void => void child.kill('SIGTERM');
  options.signal.addEventListener('abort', onAbort, { once: true });
  const result = await child;
  options.signal.removeEventListener('abort', onAbort);
  return result.exitCode ?? (result.signal === 'SIGTERM' ? 143 : 1);
}

/** Starts a lane that outlives this process; its output goes to `<home>/logs/lane-<lane>.log`. */
export async function spawnDetachedLane(
  spec: LaneSpec,
  options: { readonly paths: HomePaths; readonly program: LaneProgram },
): Promise<number> {
  const path = await writeSpec(spec, options.paths);
  const logPath = options.paths.log(`lane-${spec.lane}`);
  await mkdir(dirname(logPath), { recursive: true, mode: 0o700 });
  const log = createWriteStream(logPath, { flags: 'a', mode: 0o600 });
  await once(log, 'open'); // an open stream is handed over as a file descriptor, so the lane needs no help of ours to write
  const { execa } = await loadExeca();
  const child = execa(options.program.execPath, [...NODE_OPTIONS, options.program.entry, path], {
    env: MALLOC_ENV,
    detached: true,
    cleanup: false,
    reject: false,
    stdin: 'ignore',
    stdout: log,
    stderr: log,
    buffer: false,
  });
  child.catch(() => {
    // a lane that cannot start is noticed by its status
  });
  child.nodeChildProcess.unref();
  return child.pid ?? 0;
}

/** A lane process that is proven to live: it holds its lock. */
export interface LiveLane {
  readonly lane: string;
  readonly pid: number;
}

/** Lanes of a home that run now. A pid that is only written somewhere is never trusted. */
export async function listLiveLanes(paths: HomePaths): Promise<LiveLane[]> {
  let names: string[];
  try {
    names = await readdir(paths.run);
  } catch {
    return []; // no home yet
  }
  const lanes = names.flatMap((name) => /^lane-(.+)\.spec\.json$/.exec(name)?.[1] ?? []);
  return lanes.flatMap((lane) => {
    const lock = tryLock(lockPath(paths, lane), { pid: 0, what: 'a look whether the lane runs' });
    if (lock) {
      lock[Symbol.dispose]();
      return [];
    }
    const pid = readLockOwner(lockPath(paths, lane))?.pid;
    return pid === undefined || pid === 0 ? [] : [{ lane, pid }];
  });
}

/** Asks lanes to drain and waits until they have. Returns those that did not in time. */
export async function stopLanes(
  lanes: readonly LiveLane[],
  options: { readonly paths: HomePaths; readonly clock: Clock; readonly kill: (pid: number) => void; readonly timeoutMs: number },
): Promise<LiveLane[]> {
  for (const { pid } of lanes) options.kill(pid);
  const deadline = options.clock.monotonic() + options.timeoutMs;
  for (;;) {
    const live = new Set((await listLiveLanes(options.paths)).map(({ pid }) => pid));
    const left = lanes.filter(({ pid }) => live.has(pid));
    if (left.length === 0 || options.clock.monotonic() > deadline) return left;
    await options.clock.sleep(50);
  }
}

/** The status that a lane wrote last; undefined when there is none. */
export async function readLaneStatus(paths: HomePaths, lane: string): Promise<unknown> {
  try {
    const status: unknown = JSON.parse(await readFile(paths.status(lane), 'utf8'));
    return status;
  } catch {
    return undefined; // none yet
  }
}

/** Forgets the status of an earlier life, so that waiting for the new one does not see it. */
export async function forgetLaneStatus(paths: HomePaths, lane: string): Promise<void> {
  await rm(paths.status(lane), { force: true });
}

async function writeSpec(spec: LaneSpec, paths: HomePaths): Promise<string> {
  const path = specPath(paths, spec.lane);
  await writeFileAtomic(path, JSON.stringify(spec));
  return path;
}
