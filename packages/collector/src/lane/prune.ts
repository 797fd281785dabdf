import { listExports, toSymbol, type Config, type Store, type Telemetry } from '@mexc-toolkit/core';
import { isCovered } from '../spool/is-verified.ts';
import type { SeqRange, Spool } from '../spool/spool.ts';

/** Removes segments of which every row, of whatever symbol, is in a verified file (I7). */
export async function prune(
  spool: Spool,
  options: {
    readonly lane: string;
    readonly store: Store;
    readonly spool: Config['spool'];
    readonly telemetry: Telemetry;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const verified = new Map<string, readonly SeqRange[]>();
  for (const base of spool.bases) {
    const records = await listExports(options.store, toSymbol(base), options.signal);
    verified.set(
      base,
      records.filter((record) => record.verdict === 'match' && record.rows > 0),
    );
  }
  const pruned = await spool.prune((base, range) => isCovered(range, verified.get(base) ?? []), options.spool.retentionMs);
  if (pruned.segments > 0) options.telemetry.event('spool.pruned', { lane: options.lane, ...pruned });
}
