import { join } from 'node:path';
import { CaptureError, listRowTables, openLock, toBase, type ContractSymbol, type PendingEpoch } from '@mexc-toolkit/core';
import { exportEpoch, type ExportReport } from '@mexc-toolkit/exporter';
import { readState, withoutPending, writeState } from '@mexc-toolkit/rotator';
import { dropProven, isProven, verifyEpoch, type Finding, type Verdict } from '@mexc-toolkit/verifier';
import type { AppContext } from '../context.ts';

export interface ExportPlan {
  /** Start of the one epoch to export, microseconds; undefined for every pending one, oldest first. */
  readonly startUs: number | undefined;
  /** Prove each file, then drop its table. */
  readonly verify: boolean;
  readonly writer: 'clickhouse' | 'parquetjs';
  /** Undefined for the writer's own default. */
  readonly compression: 'zstd' | 'snappy' | 'gzip' | 'none' | undefined;
  readonly onProgress?: (line: string) => void;
}

/** One epoch's way to its file. Stable: printed by `mexc export --json`. */
export interface ExportOutcome {
  readonly symbol: ContractSymbol;
  readonly path: string;
  readonly manifest: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly digest: string;
  readonly durationMs: number;
  /** Null when verification was not asked for. */
  readonly verdict: Verdict | null;
  readonly findings: readonly Finding[];
  /** Whether the table was dropped. */
  readonly dropped: boolean;
}

/**
 * Exports the pending epochs of a symbol, oldest first; with `verify`, proves each and drops its table
 * (docs/architecture.md#export-proof-drop).
 * Every step can be repeated: killed anywhere and run again, it finishes.
 *
 * @throws {CaptureError} `LOCK_HELD` when another export of the symbol runs; `EPOCH_UNKNOWN`; `EXPORT_UNWRITABLE`; `STORE_*`
 */
export async function exportSymbol(symbol: ContractSymbol, plan: ExportPlan, context: AppContext): Promise<ExportOutcome[]> {
  const base = toBase(symbol);
  using _lock = openLock(join(context.paths.rotation, `${base}.archive.lock`), { pid: context.pid, what: `export of ${symbol}` });
  const state = await readState(context.paths.rotation, { base, symbol });
  const wanted = state.pending.filter((epoch) => plan.startUs === undefined || epoch.startUs === plan.startUs);
  if (plan.startUs !== undefined && wanted.length === 0) {
    throw new CaptureError('EPOCH_UNKNOWN', `${symbol} has no rotated epoch with that start`, { context: { symbol } });
  }
  const outcomes: ExportOutcome[] = [];
  for (const { startUs } of wanted) {
    const outcome = await exportOne(symbol, startUs, { plan, context });
    if (outcome) outcomes.push(outcome);
    if (outcome?.verdict && outcome.verdict !== 'match') break; // later epochs would not continue a proven chain
  }
  return outcomes;
}

async function exportOne(
  symbol: ContractSymbol,
  startUs: number,
  { plan, context }: { readonly plan: ExportPlan; readonly context: AppContext },
): Promise<ExportOutcome | undefined> {
  const { exportDir, clock, signal, telemetry } = context;
  const store = await context.store();
  const pending = await findPending(symbol, startUs, context);
  if (!pending) return undefined;
  const shared = { store, symbol, clock, signal };
  const gone = await dropGone(symbol, pending, context);
  if (gone) return undefined;
  plan.onProgress?.(`${symbol} ${pending.table}: writing`);
  const report: ExportReport = await exportEpoch({
    ...shared,
    exportDir,
    pending,
    writer: plan.writer,
    compression: plan.compression,
    egress: pending.egress,
    telemetry,
  });
  const outcome = toOutcome(report);
  if (!plan.verify) return outcome;
  plan.onProgress?.(`${symbol} ${pending.table}: verifying ${report.rows} rows`);
  const epoch = { startUs: pending.startUs, endUs: pending.endUs };
  const verified = await verifyEpoch({ ...shared, path: report.path, epoch, table: { store, table: pending.table } });
  if (verified.verdict !== 'match') return refuse(outcome, { verdict: verified.verdict, findings: verified.findings }, context);
  telemetry.event('epoch.proven', { symbol, path: report.path });
  const dropped = await dropProven({ ...shared, exportDir, pending, report: verified, telemetry });
  if (dropped.kind === 'refused') {
    const findings: Finding[] = dropped.reasons.map((message) => ({ check: 'table', verdict: 'inconclusive', message }));
    return refuse(outcome, { verdict: 'inconclusive', findings }, context);
  }
  await forget(symbol, pending, context);
  return { ...outcome, verdict: 'match', dropped: true };
}

/** Everything is kept; that is said loudly, because the service itself goes on. */
function refuse(
  outcome: ExportOutcome,
  why: Pick<ExportOutcome, 'verdict' | 'findings'>,
  { telemetry }: AppContext,
): ExportOutcome {
  const findings = why.findings.map(({ message }) => message).join('; ');
  telemetry.event('epoch.refused', { symbol: outcome.symbol, path: outcome.path, verdict: why.verdict ?? '', findings });
  return { ...outcome, ...why };
}

/** A table that an earlier run dropped after its proof: only the state still names it. */
async function dropGone(symbol: ContractSymbol, pending: PendingEpoch, context: AppContext): Promise<boolean> {
  const store = await context.store();
  if ((await listRowTables(store, toBase(symbol), context.signal)).includes(pending.table)) return false;
  if (!(await isProven({ store, symbol, pending, signal: context.signal }))) {
    throw new CaptureError(
      'REBUILD_INCOMPLETE',
      `table ${pending.table} of ${symbol} is gone and nothing proves its epoch; run mexc rebuild`,
      { context: { symbol, table: pending.table } },
    );
  }
  await forget(symbol, pending, context);
  return true;
}

/** The state may have changed while the file was written: a rotation moves an unproven table aside. */
async function findPending(symbol: ContractSymbol, startUs: number, context: AppContext): Promise<PendingEpoch | undefined> {
  const state = await readState(context.paths.rotation, { base: toBase(symbol), symbol });
  return state.pending.find((epoch) => epoch.startUs === startUs);
}

async function forget(symbol: ContractSymbol, pending: PendingEpoch, context: AppContext): Promise<void> {
  const base = toBase(symbol);
  const directory = context.paths.rotation;
  using _lock = await waitForLock(join(directory, `${base}.lock`), context);
  const state = await readState(directory, { base, symbol });
  const named = state.pending.find((epoch) => epoch.startUs === pending.startUs);
  if (named) await writeState(directory, base, withoutPending(state, named.table));
}

const LOCK_TIMEOUT_MS = 60_000;

/** A rotation holds the state's lock for seconds at most. */
async function waitForLock(path: string, context: AppContext): Promise<Disposable> {
  const deadline = context.clock.monotonic() + LOCK_TIMEOUT_MS;
  for (;;) {
    try {
      return openLock(path, { pid: context.pid, what: 'archive' });
    } catch (error) {
      if (!CaptureError.is(error, 'LOCK_HELD') || context.clock.monotonic() > deadline) throw error;
      await context.clock.sleep(20, context.signal);
    }
  }
}

function toOutcome(report: ExportReport): ExportOutcome {
  const { symbol, path, rows, bytes, manifest, durationMs } = report;
  return {
    symbol,
    path,
    manifest: report.manifestPath,
    rows,
    bytes,
    sha256: manifest.file.sha256,
    digest: manifest.digest,
    durationMs,
    verdict: null,
    findings: [],
    dropped: false,
  };
}
