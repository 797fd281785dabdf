import type { ExportRecord } from '@mexc-toolkit/core';
import { differs, type Finding, type VerificationReport } from '../report.ts';
import type { ExportedFile } from './list-exports-dir.ts';

/** Whether a file is the one that `export_log` proved. A file without a record is not proven yet, which is no fault. */
export function checkRecord(report: VerificationReport, file: ExportedFile, records: readonly ExportRecord[]): Finding[] {
  const record = provenRecord(records, file.startUs);
  if (record === undefined) return [];
  const pairs: readonly (readonly [string, string | number, string | number])[] = [
    ['sha256', record.sha256, report.sha256],
    ['path', record.filepath, file.relativePath],
    ['rows', record.rows, report.rows],
    ['first seq', record.firstSeq, report.firstSeq],
    ['last seq', record.lastSeq, report.lastSeq],
    ['digest', record.digest, report.digest],
    ['epoch end', record.epoch.endUs, report.manifest?.epoch.endUs ?? record.epoch.endUs],
  ];
  return pairs
    .filter(([, logged, found]) => logged !== found)
    .map(([what, logged, found]) => differs('log', `${what}: export_log says ${logged}, the file has ${found}`));
}

/** Epochs that were proven once and whose file is gone. */
export function listMissing(files: readonly ExportedFile[], records: readonly ExportRecord[]): Finding[] {
  const present = new Set(files.map((file) => file.startUs));
  const starts = new Set(records.filter(({ verdict }) => verdict === 'match').map(({ epoch }) => epoch.startUs));
  return [...starts]
    .filter((startUs) => !present.has(startUs))
    .map((startUs) => differs('file', `${provenRecord(records, startUs)?.filepath ?? ''} was exported and is gone`));
}

/** The newest proof of an epoch. */
function provenRecord(records: readonly ExportRecord[], startUs: number): ExportRecord | undefined {
  return records.findLast((record) => record.verdict === 'match' && record.epoch.startUs === startUs);
}
