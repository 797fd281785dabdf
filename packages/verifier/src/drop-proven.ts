import { join } from 'node:path';
import {
  listExports,
  listRowTables,
  readTableFacts,
  recordExport,
  tableName,
  toBase,
  toExportPath,
  type Clock,
  type ContractSymbol,
  type PendingEpoch,
  type Store,
  type Telemetry,
} from '@mexc-toolkit/core';
import { listRefusals, mayDrop, type DropEvidence } from './may-drop.ts';
import { openFile } from './open-file.ts';
import type { VerificationReport } from './report.ts';

export interface DropOptions {
  readonly store: Store;
  readonly exportDir: string;
  readonly symbol: ContractSymbol;
  readonly pending: PendingEpoch;
  /** The verdict that {@link verifyEpoch} reached with this table at hand. */
  readonly report: VerificationReport;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly telemetry: Telemetry;
}

/** `gone`: an earlier run dropped it after recording the proof. `refused`: nothing was changed. */
export type DropOutcome =
  | { readonly kind: 'dropped' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] };

/**
 * Drops the table of a proven epoch. The only place that drops a table of rows (I7).
 *
 * Reads the table and hashes the file once more, asks {@link mayDrop}, writes the proof to `export_log`, and only then drops.
 * Safe to repeat: killed before the drop, the record is there once and the table still is; killed after it, the outcome is
 * `gone`. Store errors pass as they are.
 */
export async function dropProven(options: DropOptions): Promise<DropOutcome> {
  const { store, symbol, pending, report, signal } = options;
  if (!(await listRowTables(store, toBase(symbol), signal)).includes(pending.table)) {
    if (await isProven(options)) return { kind: 'gone' };
    return { kind: 'refused', reasons: [`table ${pending.table} does not exist, and nothing proves its epoch`] };
  }
  const evidence: DropEvidence = {
    symbol,
    database: store.database,
    pending,
    report,
    facts: await readTableFacts(store, pending.table, signal),
    file: await hashAgain(join(options.exportDir, toExportPath(symbol, pending.startUs)), signal),
  };
  if (!mayDrop(evidence)) return { kind: 'refused', reasons: listRefusals(evidence) };
  await recordProof(options);
  await store.command(`DROP TABLE IF EXISTS ${tableName(store.database, pending.table)} SYNC`, { signal });
  options.telemetry.event('epoch.dropped', { symbol, table: pending.table });
  return { kind: 'dropped' };
}

/**
 * Whether `export_log` holds a proof of this epoch. With its table gone, nothing is left to do for it: an earlier run was
 * killed between the drop and the removal of the epoch from the rotation state.
 */
export async function isProven(options: Pick<DropOptions, 'store' | 'symbol' | 'pending' | 'signal'>): Promise<boolean> {
  const { store, symbol, pending, signal } = options;
  const records = await listExports(store, symbol, signal);
  return records.some(
    ({ verdict, epoch }) => verdict === 'match' && epoch.startUs === pending.startUs && epoch.endUs === pending.endUs,
  );
}

async function recordProof({ store, symbol, pending, report, clock, signal }: DropOptions): Promise<void> {
  const record = {
    symbol,
    epoch: { startUs: pending.startUs, endUs: pending.endUs },
    exportedMs: Math.floor(clock.now()),
    filepath: toExportPath(symbol, pending.startUs),
    rows: report.rows,
    firstSeq: report.firstSeq,
    lastSeq: report.lastSeq,
    sha256: report.sha256,
    digest: report.digest,
    verdict: report.verdict,
  };
  await recordExport(store, record, signal);
}

async function hashAgain(path: string, signal: AbortSignal): Promise<DropEvidence['file']> {
  try {
    await using file = await openFile(path);
    return { bytes: file.bytes, sha256: await file.sha256(signal) };
  } catch {
    signal.throwIfAborted();
    return null; // becomes a refusal
  }
}
