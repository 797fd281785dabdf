import type { ExportRecord, Manifest } from '@mexc-toolkit/core';

/**
 * The proven epoch that `startUs` follows (I8): the newest record with verdict `match` that ends at or before it. An epoch
 * without rows has no last seq of its own, so the chain passes through it to the newest one that has rows.
 *
 * @returns null when nothing earlier is known
 */
export function findPredecessor(records: readonly ExportRecord[], startUs: number): Manifest['predecessor'] {
  const proven = records
    .filter((record) => record.verdict === 'match' && record.epoch.endUs <= startUs)
    .toSorted((a, b) => b.epoch.startUs - a.epoch.startUs || b.exportedMs - a.exportedMs);
  const newest = proven[0];
  if (newest === undefined) return null;
  return { file: newest.filepath, lastSeq: proven.find((record) => record.rows > 0)?.lastSeq ?? 0 };
}
