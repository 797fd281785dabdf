import { join } from 'node:path';
import { listExports, type Clock, type ContractSymbol, type ExportRecord, type Store } from '@mexc-toolkit/core';
import { toPredecessor, type Predecessor } from '../checks/chain.ts';
import { differs, reasonOf, toVerdict, unread, type Finding, type VerificationReport } from '../report.ts';
import { verifyEpoch } from '../verify-epoch.ts';
import { checkRecord, listMissing } from './compare-log.ts';
import type { ExportedFile } from './list-exports-dir.ts';
import { comparePending, type AuditedFile, type PendingTable } from './pending-tables.ts';

/** One symbol of an audit. Counts are over all of its files. */
export interface SymbolAudit {
  readonly symbol: ContractSymbol;
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Files that are not a `match`; manifests left out. */
  readonly problems: readonly Omit<VerificationReport, 'manifest'>[];
  /** About the symbol as a whole. */
  readonly findings: readonly Finding[];
  readonly pending: readonly PendingTable[];
}

export interface SymbolAuditOptions {
  readonly exportDir: string;
  readonly symbol: ContractSymbol;
  /** In order of their epochs. */
  readonly files: readonly ExportedFile[];
  /** Null when nothing but the files shall be looked at. */
  readonly store: Store | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called for each file when it is done. */
  readonly onFile: (path: string) => void;
}

/** Verifies each file of a symbol, each against the one before: the chain over all of its epochs (I8). */
export async function auditSymbol(options: SymbolAuditOptions): Promise<SymbolAudit> {
  const { symbol, files, exportDir, store, clock, signal } = options;
  const findings: Finding[] = [];
  const records = store ? await readLog(store, options, findings) : null;
  const problems: Omit<VerificationReport, 'manifest'>[] = [];
  const audited: AuditedFile[] = [];
  const total = { rows: 0, bytes: 0, firstSeq: 0, lastSeq: 0 };
  let predecessor: Predecessor = records && files[0] ? toPredecessor(records, files[0].startUs) : null;
  for (const file of files) {
    const verified = await verifyEpoch({ path: join(exportDir, file.relativePath), symbol, predecessor, clock, signal });
    const added = [...checkOverlap(verified, audited.at(-1)), ...(records ? checkRecord(verified, file, records) : [])];
    const { manifest, ...report } = withFindings(verified, added);
    if (report.verdict !== 'match') problems.push(report);
    total.rows += report.rows;
    total.bytes += report.bytes;
    if (report.rows > 0) {
      if (total.firstSeq === 0) total.firstSeq = report.firstSeq;
      total.lastSeq = report.lastSeq;
    }
    if (manifest) audited.push({ epoch: manifest.epoch, rows: report.rows, digest: report.digest });
    predecessor = follow(predecessor, verified, file.relativePath);
    options.onFile(file.relativePath);
  }
  if (records) findings.push(...listMissing(files, records));
  const pending = store ? await comparePending(store, symbol, { audited, signal, findings }) : [];
  return { symbol, files: files.length, ...total, problems, findings, pending };
}

/** What the next file must follow. A file that could not be read leaves that unknown, so the next one is not blamed for it. */
function follow(before: Predecessor, report: VerificationReport, relativePath: string): Predecessor {
  const unreadable = report.findings.some((finding) => finding.check === 'file' && finding.verdict === 'inconclusive');
  if (unreadable) return 'unknown';
  if (report.rows > 0) return { lastSeq: report.lastSeq, file: relativePath };
  if (before === 'unknown') return 'unknown';
  return { lastSeq: before?.lastSeq ?? report.manifest?.predecessor?.lastSeq ?? 0, file: relativePath };
}

function checkOverlap(report: VerificationReport, before: AuditedFile | undefined): Finding[] {
  const startUs = report.manifest?.epoch.startUs;
  if (startUs === undefined || before === undefined || startUs >= before.epoch.endUs) return [];
  return [differs('epoch', 'the epoch begins before the one before it ends')];
}

function withFindings(report: VerificationReport, added: readonly Finding[]): VerificationReport {
  const findings = [...report.findings, ...added];
  return { ...report, findings, verdict: toVerdict(findings) };
}

async function readLog(
  store: Store,
  { symbol, signal }: SymbolAuditOptions,
  findings: Finding[],
): Promise<readonly ExportRecord[] | null> {
  try {
    return await listExports(store, symbol, signal);
  } catch (error) {
    signal.throwIfAborted();
    findings.push(unread('log', `export_log cannot be read for ${symbol}: ${reasonOf(error)}`));
    return null;
  }
}
