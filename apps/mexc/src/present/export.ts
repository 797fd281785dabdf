import { CaptureError } from '@mexc-toolkit/core';
import type { ExportOutcome } from '../archive/export-symbol.ts';
import type { PendingList } from '../archive/list-pending.ts';

export function formatExports(exports: readonly ExportOutcome[]): string {
  if (exports.length === 0) return 'Nothing to export: no rotated epoch waits.';
  return exports
    .map(({ symbol, path, rows, bytes, verdict, dropped, findings }) =>
      [
        `${symbol}  ${rows} rows  ${(bytes / 1024).toFixed(0)} KiB  ${verdict ?? 'not verified'}${dropped ? ', table dropped' : ''}`,
        `  ${path}`,
        ...findings.map(({ check, message }) => `  ${check}: ${message}`),
      ].join('\n'),
    )
    .join('\n');
}

export function formatPending(pending: PendingList): string {
  if (pending.length === 0) return 'No rotated epoch waits.';
  return pending.map(({ symbol, epoch, end, table }) => `${symbol}  ${epoch} – ${end}  ${table}`).join('\n');
}

/** @throws {CaptureError} `EXPORT_MISMATCH`, `EXPORT_INCONCLUSIVE`, naming the first file that is not proven */
export function failUnlessMatched(exports: readonly ExportOutcome[]): void {
  const bad = exports.find(({ verdict }) => verdict !== null && verdict !== 'match');
  if (!bad) return;
  const why = bad.findings.map(({ message }) => message).join('; ');
  throw new CaptureError(bad.verdict === 'mismatch' ? 'EXPORT_MISMATCH' : 'EXPORT_INCONCLUSIVE', `${bad.path}: ${why}`, {
    context: { path: bad.path },
  });
}
