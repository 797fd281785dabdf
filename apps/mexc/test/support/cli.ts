import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@mexc-toolkit/core';
import { stopEngine } from '@mexc-toolkit/engine';
import { execa } from 'execa';

const entry = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A directory of its own in which the real program is run; whatever was started there ends with it. */
export interface Workplace extends AsyncDisposable {
  readonly directory: string;
  readonly home: string;
  /** Runs `mexc …` to its end. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliResult>;
  /** Starts `mexc …` and leaves it running. */
  start(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): { kill(name: NodeJS.Signals): void; readonly ended: Promise<CliResult> };
}

/** @param env for every command of this workplace */
export async function openWorkplace(env: Readonly<Record<string, string>> = {}): Promise<Workplace> {
  const directory = await mkdtemp(join(tmpdir(), 'mexc-cli-'));
  const home = join(directory, '.mexc');
  const start: Workplace['start'] = (args, more = {}) => {
    const child = execa(process.execPath, [entry, ...args], {
      cwd: directory,
      env: { ...env, ...more, NO_COLOR: '1' },
      reject: false,
      stdin: 'ignore',
    });
    return {
      kill: (name) => void child.kill(name),
      ended: child.then(({ stdout, stderr, exitCode }) => ({ stdout, stderr, exitCode: exitCode ?? -1 })),
    };
  };
  return {
    directory,
    home,
    start,
    run: (args, more) => start(args, more).ended,
    [Symbol.asyncDispose]: async () => {
      await start(['down']).ended;
      await stopEngine(home, {
        clock: systemClock,
        signal: AbortSignal.timeout(30_000),
        kill: (pid, name) => void process.kill(pid, name),
      });
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Waits until `look` gives something; the deadline only ends a test that would hang. */
export async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error('what the test waits for did not come');
    await systemClock.sleep(25);
  }
}
