import { listLiveLanes, stopLanes, type LiveLane } from '@mexc-toolkit/collector';
import { CaptureError } from '@mexc-toolkit/core';
import type { AppContext } from '../context.ts';
import { stopHomeEngine } from './stop-home-engine.ts';

export interface DownReport {
  readonly lanes: readonly LiveLane[];
  readonly engine: boolean;
}

const DRAIN_TIMEOUT_MS = 60_000;

/**
 * Stops lanes, then the engine: a lane that drains still inserts.
 *
 * @throws {CaptureError} `LOCK_HELD` when a lane does not end in time; the engine is left running then.
 */
export async function stopEverything(context: AppContext): Promise<DownReport> {
  const { paths, clock } = context;
  const lanes = await listLiveLanes(paths);
  const left = await stopLanes(lanes, {
    paths,
    clock,
    kill: (pid) => void process.kill(pid, 'SIGTERM'),
    timeoutMs: DRAIN_TIMEOUT_MS,
  });
  if (left.length > 0) {
    throw new CaptureError(
      'LOCK_HELD',
      `lanes did not drain within ${DRAIN_TIMEOUT_MS} ms: ${left.map(({ lane, pid }) => `${lane} (pid ${pid})`).join(', ')}`,
    );
  }
  const engine = await stopHomeEngine(context);
  return { lanes, engine };
}
