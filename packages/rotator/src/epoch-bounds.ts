import { currentTable, previousTable, type PendingEpoch, type RotationState } from '@mexc-toolkit/core';
import { deriveEpochStart } from './epoch-start.ts';
import type { RotationContext } from './rotation-context.ts';

/** The epoch that a rotation ends: its start from the state, or from its rows when no state tells it. */
export async function toEpoch(
  context: RotationContext,
  state: RotationState,
  rest: Pick<PendingEpoch, 'report' | 'egress'>,
): Promise<PendingEpoch> {
  const { signal } = context;
  const endUs = state.boundaryUs ?? context.boundaryUs;
  if (state.epochStartUs !== null) return { table: previousTable(context.base), startUs: state.epochStartUs, endUs, ...rest };
  const table =
    state.phase === 'rotating' && (await context.tables.list(signal)).includes(previousTable(context.base))
      ? previousTable(context.base)
      : currentTable(context.base);
  const bounds = await context.tables.bounds(table, signal);
  const knownEndsUs = await readKnownEndsUs(context, state);
  const startUs = deriveEpochStart({ firstTsRecvUs: bounds?.firstTsRecvUs ?? null, knownEndsUs, boundaryUs: endUs });
  return { table: previousTable(context.base), startUs, endUs, ...rest };
}

/** Ends of every epoch that is known; none may overlap another. */
export async function readKnownEndsUs(context: RotationContext, state: RotationState): Promise<number[]> {
  const exported = await context.tables.exportedEndsUs(context.signal);
  return [...exported, ...state.pending.map(({ endUs }) => endUs)];
}

/**
 * Finds the start of the running epoch before its end is announced, so that no question is asked while inserts are held.
 * Left open while there is no row: the first one may still come, and decides.
 */
export async function settleEpochStart(context: RotationContext): Promise<void> {
  const state = await context.read();
  if (state.epochStartUs !== null) return;
  const bounds = await context.tables.bounds(currentTable(context.base), context.signal);
  if (!bounds) return;
  const knownEndsUs = await readKnownEndsUs(context, state);
  const epochStartUs = deriveEpochStart({ firstTsRecvUs: bounds.firstTsRecvUs, knownEndsUs, boundaryUs: context.boundaryUs });
  await context.write({ ...state, epochStartUs });
}
