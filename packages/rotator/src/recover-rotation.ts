import { CaptureError, currentTable, previousTable } from '@mexc-toolkit/core';
import { readKnownEndsUs, toEpoch } from './epoch-bounds.ts';
import { deriveEpochStart } from './epoch-start.ts';
import type { RotationContext } from './rotation-context.ts';
import { readAck } from './rotation-files.ts';
import { asideTable, decideRecovery, toAbandoned, toRotated, withAdopted, withMoved } from './rotation-state.ts';

/** Ends what an earlier rotator began, and makes state and tables agree. */
export async function recover(context: RotationContext): Promise<void> {
  const { signal, symbol, directory } = context;
  await context.tables.settle(signal);
  const state = await context.read();
  const existing = await context.tables.list(signal);
  if (existing.length === 0)
    throw new CaptureError('EPOCH_UNKNOWN', `${symbol} has no table: it was never recorded here`, { context: { symbol } });
  await context.tables.restoreCurrent(signal);
  switch (decideRecovery(state.phase, existing.includes(previousTable(context.base)))) {
    case 'complete': {
      const ack = state.attempt === null ? undefined : await readAck(directory, context.base, state.attempt);
      await context.write(
        toRotated(state, await toEpoch(context, state, { report: ack?.report ?? null, egress: ack?.egress ?? null })),
      );
      break;
    }
    case 'abandon':
      await context.write(toAbandoned(state));
      break;
    case 'none':
      break;
  }
  await adoptUnknown(context, existing);
}

/** A previous table that no state tells of (the state was lost) is an epoch too: its bounds are those of its rows. */
async function adoptUnknown(context: RotationContext, existing: readonly string[]): Promise<void> {
  const { signal } = context;
  const state = await context.read();
  const previous = previousTable(context.base);
  // Named with its new name already, although it has the old one still: see moveAside.
  const isBeingMoved = state.pending.some(
    ({ table, startUs }) => table === asideTable(previous, startUs) && !existing.includes(table),
  );
  const unknown = existing.filter(
    (table) =>
      table !== currentTable(context.base) &&
      !state.pending.some((epoch) => epoch.table === table) &&
      !(table === previous && isBeingMoved),
  );
  if (unknown.length === 0) return;
  const current = await context.tables.bounds(currentTable(context.base), signal);
  // A table without rows ends where current begins.
  const emptyUs = (current?.firstTsRecvUs ?? Math.floor(context.clock.now() * 1000)) - 1;
  const found = await Promise.all(
    unknown.map(async (table) => ({
      table,
      ...((await context.tables.bounds(table, signal)) ?? { firstTsRecvUs: emptyUs, lastTsRecvUs: emptyUs }),
    })),
  );
  // Oldest first: the end of one bounds the start of the next.
  for (const { table, firstTsRecvUs, lastTsRecvUs } of found.toSorted((a, b) => a.firstTsRecvUs - b.firstTsRecvUs)) {
    const known = await context.read();
    const endUs = lastTsRecvUs + 1;
    const startUs = deriveEpochStart({ firstTsRecvUs, knownEndsUs: await readKnownEndsUs(context, known), boundaryUs: endUs });
    await context.write(withAdopted(known, { table, startUs, endUs, report: null, egress: null }));
  }
}

/** An unproven previous table makes room; it is never overwritten (I7). */
export async function moveAside(context: RotationContext): Promise<void> {
  const { signal } = context;
  const previous = previousTable(context.base);
  if (!(await context.tables.list(signal)).includes(previous)) return;
  const state = await context.read();
  const existing = await context.tables.list(signal);
  // Either the state names it, or an earlier rotator wrote its new name and died before the RENAME.
  const known = state.pending.find(
    ({ table, startUs }) => table === previous || (table === asideTable(previous, startUs) && !existing.includes(table)),
  );
  if (!known) throw new Error(`table ${previous} belongs to no epoch that is known`);
  const aside = asideTable(previous, known.startUs);
  await context.write(withMoved(state, previous, aside));
  context.crash('move-aside');
  await context.tables.rename(previous, aside, signal);
}
