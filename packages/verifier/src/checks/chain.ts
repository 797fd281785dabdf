import type { ExportRecord, Manifest } from '@mexc-toolkit/core';
import { differs, unread, type Finding } from '../report.ts';

/** The epoch before, as far as it is known: its last seq, and its file. Null: there is none. */
export type Predecessor = { readonly lastSeq: number; readonly file: string | null } | null | 'unknown';

/** The proven epoch before `startUs` in `export_log`. Epochs without rows have no last seq: the chain passes through them. */
export function toPredecessor(records: readonly ExportRecord[], startUs: number): Exclude<Predecessor, 'unknown'> {
  const proven = records
    .filter((record) => record.verdict === 'match' && record.epoch.endUs <= startUs)
    .toSorted((a, b) => a.epoch.startUs - b.epoch.startUs || a.exportedMs - b.exportedMs);
  const newest = proven.at(-1);
  if (newest === undefined) return null;
  return { lastSeq: proven.findLast((record) => record.rows > 0)?.lastSeq ?? 0, file: newest.filepath };
}

/**
 * I8: the first seq is that of the epoch before plus one. `rows` are the rows of the file, not of the manifest.
 *
 * A first seq of 1 begins the chain. Another one needs a predecessor, or the knowledge that none is known (null): then the
 * chain begins there, and the manifest must say so too.
 */
export function checkChain(
  manifest: Manifest,
  rows: { readonly rows: number; readonly firstSeq: number },
  predecessor: Predecessor,
): Finding[] {
  const claimed = manifest.predecessor;
  if (predecessor === 'unknown') {
    if (claimed === null && rows.rows > 0 && rows.firstSeq === 1) return [];
    return [unread('chain', 'it is not known where the epoch before this one ended')];
  }
  if (predecessor === null) {
    if (claimed === null) return [];
    return [unread('chain', `the manifest follows seq ${claimed.lastSeq}, but no proven epoch before this one is known`)];
  }
  const expected = predecessor.lastSeq + 1;
  const findings: Finding[] = [];
  if (rows.rows > 0 && rows.firstSeq > expected) {
    const count = rows.firstSeq - expected;
    findings.push(differs('chain', `${count} seqs missing before the file, first ${expected}`, count));
  }
  if (rows.rows > 0 && rows.firstSeq < expected) {
    findings.push(differs('chain', `the file begins at seq ${rows.firstSeq}, the epoch before ended at ${predecessor.lastSeq}`));
  }
  if (claimed?.lastSeq !== predecessor.lastSeq || (predecessor.file !== null && claimed.file !== predecessor.file)) {
    const told = claimed === null ? 'nothing' : `seq ${claimed.lastSeq} of ${claimed.file ?? 'no file'}`;
    const found = `seq ${predecessor.lastSeq} of ${predecessor.file ?? 'no file'}`;
    findings.push(differs('chain', `the manifest follows ${told}, the epoch before is ${found}; export again`));
  }
  return findings;
}
