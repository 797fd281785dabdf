import { stopEngine } from '@mexc-toolkit/engine';
import type { AppContext } from '../context.ts';

/** Stops the engine of the context's home and waits until it has ended. False when none was running. */
export async function stopHomeEngine(context: AppContext, signal: AbortSignal = context.signal): Promise<boolean> {
  return await stopEngine(context.config.home, {
    clock: context.clock,
    signal,
    kill: (pid, name) => void process.kill(pid, name),
  });
}
