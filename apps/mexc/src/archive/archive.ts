import { CaptureError, nextHourMs, type ContractSymbol } from '@mexc-toolkit/core';
import type { SymbolRotation } from '@mexc-toolkit/rotator';
import type { AppContext } from '../context.ts';
import { toKnownSymbols } from '../symbols.ts';
import { exportSymbol, type ExportOutcome, type ExportPlan } from './export-symbol.ts';
import { rotateSymbols } from './rotate-symbols.ts';

/** How the hourly service works, or one pass of it. */
export interface ArchivePlan {
  readonly symbols: readonly string[] | undefined;
  readonly export: ExportPlan;
  /** Called after each hour, or once. */
  readonly onOutcomes: (outcomes: readonly ExportOutcome[]) => void;
}

/** Exports, proves and drops everything that earlier rotations left. One symbol's failure does not stop the others. */
export async function finishPending(
  symbols: readonly ContractSymbol[],
  plan: ExportPlan,
  context: AppContext,
): Promise<ExportOutcome[]> {
  const outcomes: ExportOutcome[] = [];
  let failure: unknown;
  for (const symbol of symbols) {
    try {
      outcomes.push(...(await exportSymbol(symbol, plan, context)));
    } catch (error) {
      if (!CaptureError.is(error)) throw error;
      if (failure !== undefined) context.telemetry.failure(error);
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return outcomes;
}

/** Rotates every symbol at each full UTC hour until the signal aborts. `afterRotation` runs before the next hour is awaited. */
export async function runHourly(
  symbols: readonly string[] | undefined,
  context: AppContext,
  afterRotation: (symbols: readonly ContractSymbol[], rotations: readonly SymbolRotation[]) => Promise<void>,
): Promise<void> {
  const { clock, signal, config, telemetry } = context;
  while (!signal.aborted) {
    const boundaryMs = nextHourMs(clock.now() + config.rotation.leadMs);
    await sleepUntil(boundaryMs - config.rotation.leadMs, context);
    if (signal.aborted) return;
    const known = await toKnownSymbols(symbols, await context.store());
    try {
      const rotations = await rotateSymbols(known, boundaryMs * 1000, context);
      await afterRotation(known, rotations);
    } catch (error) {
      if (!CaptureError.is(error)) throw error;
      telemetry.failure(error); // the rows stay where they are; the next hour rotates and exports them too
      await sleepUntil(boundaryMs, context);
    }
  }
}

const NAP_MS = 30_000;

/** Sleeps in short naps, because the wall clock may be set meanwhile. Returns early when the signal aborts. */
async function sleepUntil(wallMs: number, { clock, signal }: AppContext): Promise<void> {
  for (let left = wallMs - clock.now(); left > 0 && !signal.aborted; left = wallMs - clock.now()) {
    await clock.sleep(Math.min(left, NAP_MS), signal).catch(() => {
      // stopped
    });
  }
}

/** The hourly service: rotate, export, verify, drop. Begins with what an earlier run left. */
export async function runArchive(plan: ArchivePlan, context: AppContext): Promise<void> {
  const finish = async (symbols: readonly ContractSymbol[]): Promise<void> =>
    plan.onOutcomes(await finishPending(symbols, plan.export, context));
  try {
    await finish(await toKnownSymbols(plan.symbols, await context.store()));
  } catch (error) {
    if (!CaptureError.is(error)) throw error;
    context.telemetry.failure(error);
  }
  await runHourly(plan.symbols, context, (symbols) => finish(symbols));
}
