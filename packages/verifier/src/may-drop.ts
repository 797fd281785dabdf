import {
  currentTable,
  previousTable,
  toBase,
  toExportPath,
  type ContractSymbol,
  type PendingEpoch,
  type TableFacts,
} from '@mexc-toolkit/core';
import type { VerificationReport } from './report.ts';

/** Everything that a decision to drop rests on. */
export interface DropEvidence {
  readonly symbol: ContractSymbol;
  readonly database: string;
  /** The epoch whose table is to be dropped. */
  readonly pending: PendingEpoch;
  /** The verdict on its file, reached with that table at hand. */
  readonly report: VerificationReport;
  /** The table, read again after the verdict. */
  readonly facts: TableFacts;
  /** The file, hashed again after the verdict. Null when it cannot be read. */
  readonly file: { readonly bytes: number; readonly sha256: string } | null;
}

/**
 * The only gate to a drop (I7): true when the file is proven to hold exactly the rows that the table holds now, and the table
 * is that of this epoch. Pure and total.
 */
export function mayDrop(evidence: DropEvidence): boolean {
  return listRefusals(evidence).length === 0;
}

/** Why {@link mayDrop} says no; empty when it says yes. */
export function listRefusals({ symbol, database, pending, report, facts, file }: DropEvidence): string[] {
  const { manifest } = report;
  const base = toBase(symbol);
  const conditions: readonly (readonly [holds: boolean, refusal: string])[] = [
    [report.verdict === 'match' && report.findings.length === 0, `the verdict is ${report.verdict}`],
    [same(report.symbol, symbol) && same(manifest?.symbol, symbol), 'the report is about another symbol'],
    [`/${report.path}`.endsWith(`/${toExportPath(symbol, pending.startUs)}`), 'the report is about a file of another epoch'],
    [
      same(manifest?.epoch.startUs, pending.startUs) && same(manifest?.epoch.endUs, pending.endUs),
      'the report is about another epoch',
    ],
    [
      pending.table !== currentTable(base) && isPrevious(pending.table, previousTable(base)),
      `table ${pending.table} is not a rotated one of ${symbol}`,
    ],
    [
      same(report.table?.table, pending.table) && same(report.table?.database, database),
      'the file was not compared with this table',
    ],
    [
      same(manifest?.source.table, pending.table) && same(manifest?.source.database, database),
      'the file was not made from this table',
    ],
    [
      same(report.rows, facts.rows) && same(report.rows, facts.distinctSeqs) && same(manifest?.rows, facts.rows),
      'the table has other rows now',
    ],
    [
      facts.rows === 0 || (same(report.firstSeq, facts.firstSeq) && same(report.lastSeq, facts.lastSeq)),
      'the table has other seqs now',
    ],
    [same(report.digest, facts.digest) && same(manifest?.digest, facts.digest), 'the table has another digest now'],
    [
      same(file?.sha256, report.sha256) && same(file?.sha256, manifest?.file.sha256) && same(file?.bytes, report.bytes),
      'the file is not the one that was verified',
    ],
  ];
  return conditions.filter(([holds]) => !holds).map(([, refusal]) => refusal);
}

const isPrevious = (table: string, previous: string): boolean => table === previous || table.startsWith(`${previous}_`);

const same = (a: string | number | undefined, b: string | number | undefined): boolean => a !== undefined && a === b;
