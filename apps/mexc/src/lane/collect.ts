import { runAttachedLane } from '@mexc-toolkit/collector';
import { CaptureError } from '@mexc-toolkit/core';
import type { AppContext } from '../context.ts';
import { laneProgram } from '../fleet/lane-program.ts';
import { startDetached, type DetachedLane } from '../fleet/start-detached.ts';
import { toLaneSpecs, type LanePlan } from '../fleet/to-lane-specs.ts';

/** What `mexc collect --json` prints at its end. */
export interface CollectReport {
  readonly lanes: readonly (
    | DetachedLane
    | { readonly lane: string; readonly symbols: readonly string[]; readonly exitStatus: number }
  )[];
}

/** Records until the signal aborts or every lane has ended. The worst exit status of a lane becomes that of the process. */
export async function collectAttached(plan: LanePlan, context: AppContext): Promise<CollectReport> {
  const specs = toLaneSpecs(plan, context.config);
  await context.store(); // started once here rather than by every lane at the same time
  const lanes = await Promise.all(
    specs.map(async (spec) => ({
      lane: spec.lane,
      symbols: spec.symbols,
      exitStatus: await runAttachedLane(spec, { paths: context.paths, program: laneProgram, signal: context.signal }),
    })),
  );
  process.exitCode = Math.max(...lanes.map(({ exitStatus }) => exitStatus));
  return { lanes };
}

/** Starts every lane in the background. Those that started stay when another one does not. */
export async function collectDetached(plan: LanePlan, context: AppContext): Promise<CollectReport> {
  const specs = toLaneSpecs(plan, context.config);
  await context.store();
  const options = { paths: context.paths, clock: context.clock, program: laneProgram, isAlive };
  const results = await Promise.allSettled(specs.map((spec) => startDetached(spec, options)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw CaptureError.is(failed.reason) ? failed.reason : new Error('a lane did not start', { cause: failed.reason });
  return { lanes: results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])) };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // no such process
  }
}
