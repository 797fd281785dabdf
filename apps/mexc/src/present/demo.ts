import { relative } from 'node:path';
import { isProven, type DemoReport } from '../demo/demo-report.ts';

const COLUMNS = ['symbol', 'sent', 'received', 'spooled', 'inserted', 'exported', 'lost', 'duplicated', 'same bytes'] as const;

/** The proof table, the files, and what to try next. */
export function formatDemo(report: DemoReport, cwd: string): string {
  const rows = report.proofs.map((proof) =>
    [
      proof.symbol,
      proof.sent,
      proof.received,
      proof.spooled,
      proof.inserted,
      proof.exported,
      proof.lost,
      proof.duplicated,
      proof.sameBytes ? 'yes' : 'NO',
    ].map(String),
  );
  const lanes = report.lanes.map(({ symbol, egress, exitIp, t, d, dp, dl }) =>
    [symbol, egress, exitIp ?? 'unknown', t, d, dp, dl].map(String),
  );
  const rotations = report.rotations.map((rotation) => [
    rotation.symbol,
    rotation.end,
    `${rotation.heldMs.toFixed(0)} ms`,
    String(rotation.bufferedRows),
    String(rotation.arrivedDuringHold),
    rotation.arrivedDuringHold === 0 ? '1' : String(rotation.bufferedRows / rotation.arrivedDuringHold),
  ]);
  return [
    '',
    'Lanes',
    toTable(['symbol', 'egress', 'exit ip', 'ticker', 'deal', 'depth', 'dead'], lanes),
    '',
    'Rotations under load',
    toTable(['symbol', 'boundary', 'held', 'buffered', 'arrived', 'effectiveness'], rotations),
    '',
    'Files (each read back by another implementation and compared with its table before that was dropped)',
    ...report.exports.map(
      ({ path, rows: count, verdict }) => `  ${verdict}  ${String(count).padStart(6)} rows  ${relative(cwd, path)}`,
    ),
    '',
    'Proof: counted by the exchange = counted at every stage',
    toTable(COLUMNS, rows),
    '',
    isProven(report)
      ? `PROVEN in ${(report.durationMs / 1000).toFixed(0)} s: sent ${report.sent} = stored ${report.stored}, lost 0, duplicated 0; chain of all epochs: ${report.audit}.`
      : `NOT PROVEN: sent ${report.sent}, stored ${report.stored}, lost ${report.lost}, duplicated ${report.duplicated}, audit ${report.audit}.`,
    '',
    'Next',
    '  ./mexc collect --symbol BTC_USDT                 record the live exchange (Ctrl-C drains and stops)',
    '  ./mexc collect --symbol BTC_USDT --detach        the same in the background',
    '  ./mexc query "SELECT * FROM btc_deal ORDER BY seq DESC LIMIT 5"',
    '  ./mexc archive                                   every hour: rotate, export, verify, drop',
    '  ./mexc verify exports                            prove the whole archive anew',
    '  ./mexc down                                      stop what runs in the background',
  ].join('\n');
}

/** Columns as wide as their longest cell; numbers to the right. */
export function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, column) => (/^[\d.]+( ms)?$/.test(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join('  ')}`.trimEnd();
  return [line(head), ...rows.map(line)].join('\n');
}
