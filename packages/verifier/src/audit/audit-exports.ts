import { parseSymbol, tableName, type Clock, type ContractSymbol, type Store } from '@mexc-toolkit/core';
import { differs, reasonOf, toVerdict, unread, type Finding, type Verdict } from '../report.ts';
import { auditSymbol, type SymbolAudit } from './audit-symbol.ts';
import { listExportsDir, type ExportsListing } from './list-exports-dir.ts';
import type { PendingTable } from './pending-tables.ts';

export interface AuditOptions {
  readonly exportDir: string;
  /** @default every symbol that has files, or records in the store */
  readonly symbols?: readonly ContractSymbol[] | undefined;
  /** Compares with `export_log` and with the tables that are not dropped yet. */
  readonly store?: Store | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress?:
    | ((progress: { readonly files: number; readonly totalFiles: number; readonly path: string }) => void)
    | undefined;
}

/** Outcome of {@link auditExports}. */
export interface AuditReport {
  readonly exportDir: string;
  /** `match` when every file is, every chain is whole, and no file is missing, foreign or orphaned. */
  readonly verdict: Verdict;
  readonly symbols: readonly SymbolAudit[];
  /** About the directory as a whole. */
  readonly findings: readonly Finding[];
  /** What killed exports left; no fault. */
  readonly temporaries: readonly string[];
  /** Rotated tables that still exist, and whether their file holds the same rows. */
  readonly pending: readonly PendingTable[];
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
  readonly durationMs: number;
}

/**
 * Proves a whole export directory anew: every byte of every file is read, every digest computed again, and the seq chain
 * followed over all epochs of each symbol (I8). Changes nothing. Whatever lies there, there is a report; only an abort throws.
 */
export async function auditExports(options: AuditOptions): Promise<AuditReport> {
  const { exportDir, clock, signal, store } = options;
  const startedMs = clock.monotonic();
  const findings: Finding[] = [];
  const listing = await list(exportDir, findings);
  const chosen = new Set(
    options.symbols ?? [...listing.files.map((file) => file.symbol), ...(await listLogged(options, findings))],
  );
  const files = listing.files.filter((file) => chosen.has(file.symbol));
  const symbols: SymbolAudit[] = [];
  let done = 0;
  for (const symbol of [...chosen].toSorted()) {
    const own = files.filter((file) => file.symbol === symbol);
    const onFile = (path: string): void => options.onProgress?.({ files: (done += 1), totalFiles: files.length, path });
    symbols.push(await auditSymbol({ exportDir, symbol, files: own, store: store ?? null, clock, signal, onFile }));
  }
  if (!options.symbols) findings.push(...describeRest(listing));
  const sum = (of: (symbol: SymbolAudit) => number): number => symbols.reduce((total, symbol) => total + of(symbol), 0);
  return {
    exportDir,
    verdict: toVerdict([
      ...findings,
      ...symbols.flatMap((symbol) => [...symbol.findings, ...symbol.problems.flatMap((problem) => problem.findings)]),
    ]),
    symbols,
    findings,
    temporaries: listing.temporaries,
    pending: symbols.flatMap((symbol) => symbol.pending),
    files: files.length,
    rows: sum((symbol) => symbol.rows),
    bytes: sum((symbol) => symbol.bytes),
    durationMs: clock.monotonic() - startedMs,
  };
}

const NOTHING: ExportsListing = { files: [], orphans: [], temporaries: [], foreign: [] };

async function list(exportDir: string, findings: Finding[]): Promise<ExportsListing> {
  try {
    return await listExportsDir(exportDir);
  } catch (error) {
    findings.push(unread('file', `${exportDir} cannot be read: ${reasonOf(error)}`));
    return NOTHING;
  }
}

function describeRest({ orphans, foreign }: ExportsListing): Finding[] {
  return [
    ...orphans.map((path) => differs('file', `${path} has no Parquet file`)),
    ...foreign.map((path) => differs('file', `${path} is foreign here, or was renamed or moved`)),
  ];
}

/** Symbols that were exported once, whether or not a file is left. */
async function listLogged({ store, signal }: AuditOptions, findings: Finding[]): Promise<ContractSymbol[]> {
  if (!store) return [];
  try {
    const rows = await store.query(`SELECT DISTINCT symbol FROM ${tableName(store.database, 'export_log')}`, { signal });
    return rows.map((row) => parseSymbol(String(row['symbol'])));
  } catch (error) {
    signal.throwIfAborted();
    findings.push(unread('log', `export_log cannot be read: ${reasonOf(error)}`));
    return [];
  }
}
