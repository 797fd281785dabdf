import { parseSymbol, type Manifest, type TableFacts } from '@mexc-toolkit/core';
import { listRefusals, mayDrop, type DropEvidence, type VerificationReport } from '@mexc-toolkit/verifier';
import { describe, test } from 'vitest';
import { HOUR_US, START_US } from './rows.ts';
import { BTC } from './write-fixture.ts';

const sha256 = 'a'.repeat(64);
const facts: TableFacts = {
  rows: 3, distinctSeqs: 3, firstSeq: 5, lastSeq: 7, digest: '99', rowsByType: { t: 1, d: 1, dp: 1, dl: 0 },
  minTsMs: 1, maxTsMs: 2, minTsRecvUs: START_US, maxTsRecvUs: START_US + 5,
}; // prettier-ignore
const manifest: Manifest = {
  formatVersion: 1, symbol: BTC, epoch: { start: '', end: '', startUs: START_US, endUs: START_US + HOUR_US },
  rows: 3, rowsByType: facts.rowsByType, firstSeq: 5, lastSeq: 7, minTsMs: 1, maxTsMs: 2, minTsRecvUs: START_US, maxTsRecvUs: START_US + 5,
  digest: '99', file: { name: 'BTC_USDT-20261122T130000Z.parquet', bytes: 10, sha256 }, parquetSchema: {}, writer: { name: 'clickhouse', version: '26' },
  compression: 'zstd', source: { database: 'mexc', table: 'btc_previous' }, gaps: [], rotation: null, egress: null, predecessor: null, createdAt: '',
}; // prettier-ignore
const report: VerificationReport = {
  symbol: BTC, path: '/x/symbol=BTC_USDT/date=2026-11-22/BTC_USDT-20261122T130000Z.parquet', verdict: 'match', findings: [],
  rows: 3, firstSeq: 5, lastSeq: 7, bytes: 10, sha256, digest: '99', table: { database: 'mexc', table: 'btc_previous' }, durationMs: 1, manifest,
}; // prettier-ignore
const proven: DropEvidence = {
  symbol: BTC,
  database: 'mexc',
  pending: { table: 'btc_previous', startUs: START_US, endUs: START_US + HOUR_US, report: null, egress: null },
  report,
  facts,
  file: { bytes: 10, sha256 },
};

const { manifest: _, ...unmanifested } = report;
const told = (change: Partial<VerificationReport>): Partial<DropEvidence> => ({ report: { ...report, ...change } });
const claimed = (change: Partial<Manifest>): Partial<DropEvidence> => told({ manifest: { ...manifest, ...change } });
const counted = (change: Partial<TableFacts>): Partial<DropEvidence> => ({ facts: { ...facts, ...change } });
const pending = (change: Partial<DropEvidence['pending']>): Partial<DropEvidence> => ({
  pending: { ...proven.pending, ...change },
});
const aside = 'btc_previous_20261122T130000Z';

describe('mayDrop', () => {
  test('says yes when everything agrees', ({ expect }) => {
    expect(listRefusals(proven)).toEqual([]);
    expect(mayDrop(proven)).toBe(true);
  });

  test('says yes to a table that was moved aside, and to an epoch without rows', ({ expect }) => {
    const source = { database: 'mexc', table: aside };
    const moved = {
      ...proven,
      ...pending({ table: aside }),
      report: { ...report, table: source, manifest: { ...manifest, source } },
    };
    expect(mayDrop(moved)).toBe(true);
    const none = { rows: 0, firstSeq: 0, lastSeq: 0, digest: '0' };
    const empty = {
      report: { ...report, ...none, manifest: { ...manifest, ...none } },
      facts: { ...facts, ...none, distinctSeqs: 0 },
    };
    expect(mayDrop({ ...proven, ...empty })).toBe(true);
  });

  test.for<[string, Partial<DropEvidence>]>([
    ['a mismatch', told({ verdict: 'mismatch' })],
    ['an inconclusive verdict', told({ verdict: 'inconclusive' })],
    ['a match with a finding', told({ findings: [{ check: 'rows', verdict: 'mismatch', message: '' }] })],
    ['a report on another symbol', told({ symbol: parseSymbol('ETH_USDT') })],
    ['a report on a file of another hour', told({ path: report.path.replace('T13', 'T14') })],
    ['a report on a file of another symbol', told({ path: report.path.replaceAll('BTC', 'ETH') })],
    ['a report without a manifest', { report: unmanifested }],
    ['a report that no table was compared for', told({ table: null })],
    ['a report on another table', told({ table: { database: 'mexc', table: aside } })],
    ['a report on another database', told({ table: { database: 'other', table: 'btc_previous' } })],
    ['a report with another count', told({ rows: 2 })],
    ['a report with another first seq', told({ firstSeq: 4 })],
    ['a report with another last seq', told({ lastSeq: 8 })],
    ['a report with another digest', told({ digest: '98' })],
    ['a report with another size', told({ bytes: 11 })],
    ['a report with another sha256', told({ sha256: 'b'.repeat(64) })],
    ['a report with no sha256', told({ sha256: '' })],
    ['a manifest of another symbol', claimed({ symbol: 'ETH_USDT' })],
    ['a manifest of another start', claimed({ epoch: { ...manifest.epoch, startUs: START_US - 1 } })],
    ['a manifest of another end', claimed({ epoch: { ...manifest.epoch, endUs: START_US } })],
    ['a manifest of another table', claimed({ source: { database: 'mexc', table: aside } })],
    ['a manifest of another database', claimed({ source: { database: 'other', table: 'btc_previous' } })],
    ['a manifest with another count', claimed({ rows: 2 })],
    ['a manifest with another digest', claimed({ digest: '98' })],
    ['a manifest with another sha256', claimed({ file: { ...manifest.file, sha256: 'b'.repeat(64) } })],
    ['a row more in the table', counted({ rows: 4 })],
    ['a duplicate in the table', counted({ distinctSeqs: 2 })],
    ['another first seq in the table', counted({ firstSeq: 4 })],
    ['another last seq in the table', counted({ lastSeq: 8 })],
    ['another digest of the table', counted({ digest: '98' })],
    ['a table that was emptied', counted({ rows: 0, distinctSeqs: 0, firstSeq: 0, lastSeq: 0, digest: '0' })],
    ['the current table', pending({ table: 'btc_current' })],
    ['a table of another symbol', pending({ table: 'eth_previous' })],
    ['a table whose name only begins alike', pending({ table: 'btc_previously' })],
    ['a log table', pending({ table: 'export_log' })],
    ['an epoch with another start', pending({ startUs: START_US + HOUR_US })],
    ['an epoch with another end', pending({ endUs: START_US + 2 * HOUR_US })],
    ['another symbol', { symbol: parseSymbol('ETH_USDT') }],
    ['another database', { database: 'other' }],
    ['a file that is gone', { file: null }],
    ['a file that was replaced', { file: { bytes: 10, sha256: 'b'.repeat(64) } }],
    ['a file of another size', { file: { bytes: 9, sha256 } }],
  ])('says no to %s', ([, change], { expect }) => {
    const evidence = { ...proven, ...change };
    expect(mayDrop(evidence)).toBe(false);
    expect(listRefusals(evidence).length).toBeGreaterThan(0);
  });

  test('says no to a table of the current name even when everything else agrees', ({ expect }) => {
    const source = { database: 'mexc', table: 'btc_current' };
    const current = {
      ...proven,
      ...pending({ table: 'btc_current' }),
      report: { ...report, table: source, manifest: { ...manifest, source } },
    };
    expect(listRefusals(current)).toEqual(['table btc_current is not a rotated one of BTC_USDT']);
  });
});
