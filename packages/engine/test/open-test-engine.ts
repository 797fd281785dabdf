import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@mexc-toolkit/core';
import { ensureEngine, nodeSpawner, stopEngine, type EngineAddress } from '@mexc-toolkit/engine';

/** Starts a real daemon in `home`, or finds it. */
export function startEngine(home: string): Promise<EngineAddress> {
  return ensureEngine({
    home,
    spawnDetached: nodeSpawner({ execPath: process.execPath, env: process.env }),
    clock: systemClock,
    signal: AbortSignal.timeout(40_000),
  });
}

/** Stops the daemon of `home`. */
export function endEngine(home: string): Promise<boolean> {
  return stopEngine(home, {
    clock: systemClock,
    signal: AbortSignal.timeout(40_000),
    kill: (pid, signal) => process.kill(pid, signal),
  });
}

/** A daemon with a home of its own, both gone when disposed. */
export async function openTestEngine(): Promise<EngineAddress & { readonly home: string } & AsyncDisposable> {
  const home = mkdtempSync(join(tmpdir(), 'mexc-engine-'));
  const address = await startEngine(home);
  return {
    ...address,
    home,
    [Symbol.asyncDispose]: async () => {
      await endEngine(home);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
