import { drainStoppedSymbol } from '@mexc-toolkit/collector';
import type { ContractSymbol } from '@mexc-toolkit/core';
import { rotate, type SymbolRotation } from '@mexc-toolkit/rotator';
import type { AppContext } from '../context.ts';

/** The next whole second that is at least `leadMs` away, microseconds: the boundary of a rotation by hand. */
export const nextBoundaryUs = (nowMs: number, leadMs = 1000): number => Math.ceil((nowMs + leadMs) / 1000) * 1_000_000;

/** Rotates every symbol at one boundary, together. One that fails does not stop the others; the first failure is thrown at the end. */
export async function rotateSymbols(
  symbols: readonly ContractSymbol[],
  boundaryUs: number,
  context: AppContext,
): Promise<SymbolRotation[]> {
  const { paths, clock, telemetry, pid, signal, config, random } = context;
  const store = await context.store();
  const results = await Promise.allSettled(
    symbols.map((symbol) =>
      rotate({
        symbol,
        directory: paths.rotation,
        store,
        clock,
        telemetry,
        pid,
        boundaryUs,
        ackTimeoutMs: config.rotation.ackTimeoutMs,
        takeOver: (us) =>
          drainStoppedSymbol(us, { symbol, paths, store, insert: config.insert, clock, telemetry, random, pid, signal }),
        signal,
      }),
    ),
  );
  const failed = results.find((result) => result.status === 'rejected');
  const rotations = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (failed) {
    for (const result of results) if (result.status === 'rejected' && result !== failed) telemetry.failure(result.reason);
    throw failed.reason;
  }
  return rotations;
}
