import { CaptureError, parseManifest, parseSymbol, readRows, type ExportRecord, type TableFacts } from '@mexc-toolkit/core';
import { describe, test } from 'vitest';
import { buildManifest, toIsoMicros } from '../src/build-manifest.ts';
import { toParquetQuery } from '../src/parquet-query.ts';
import { findPredecessor } from '../src/predecessor.ts';
import { toAppendedError } from '../src/store-stream.ts';
import { wholeRowsBytes } from '../src/writers/row-stream.ts';
import { openWriter } from '../src/writers/writer.ts';
import { HOUR_US, makeRows, START_US, toPayload } from './rows.ts';

const symbol = parseSymbol('BTC_USDT');

describe('buildManifest', () => {
  const empty: TableFacts = {
    rows: 0,
    firstSeq: 0,
    lastSeq: 0,
    distinctSeqs: 0,
    rowsByType: { t: 0, d: 0, dp: 0, dl: 0 },
    digest: '0',
    minTsMs: null,
    maxTsMs: null,
    minTsRecvUs: null,
    maxTsRecvUs: null,
  };

  test('makes a manifest that its parser accepts, also for an epoch without rows', ({ expect }) => {
    const manifest = buildManifest({
      symbol,
      pending: { table: 'btc_previous', startUs: START_US, endUs: START_US + HOUR_US, report: null, egress: null },
      database: 'mexc',
      facts: empty,
      file: { name: 'x.parquet', bytes: 1, sha256: 'a'.repeat(64) },
      writer: { name: 'clickhouse', version: '26.7.2.1' },
      compression: 'zstd',
      gaps: [],
      egress: null,
      predecessor: null,
      createdMs: START_US / 1000,
    });
    expect(parseManifest(JSON.stringify(manifest), 'x')).toEqual(manifest);
    expect(manifest.epoch).toMatchObject({ start: '2026-11-22T13:00:00.000000Z', end: '2026-11-22T14:00:00.000000Z' });
  });

  test('writes times to the microsecond', ({ expect }) => {
    expect(toIsoMicros(START_US + 1_000_007)).toBe('2026-11-22T13:00:01.000007Z');
  });
});

const record = (change: Partial<ExportRecord>): ExportRecord => ({
  symbol,
  epoch: { startUs: 0, endUs: 10 },
  exportedMs: 1,
  filepath: 'a',
  rows: 5,
  firstSeq: 1,
  lastSeq: 5,
  sha256: '',
  digest: '1',
  verdict: 'match',
  ...change,
});

describe('findPredecessor', () => {
  test('takes the newest proven epoch that ends before', ({ expect }) => {
    const newer = record({ epoch: { startUs: 10, endUs: 20 }, filepath: 'b', lastSeq: 9 });
    const unproven = record({ epoch: { startUs: 20, endUs: 30 }, filepath: 'c', verdict: 'mismatch' });
    expect(findPredecessor([], 30)).toBeNull();
    expect(findPredecessor([record({}), newer, unproven], 30)).toEqual({ file: 'b', lastSeq: 9 });
    expect(findPredecessor([record({}), newer], 19)).toEqual({ file: 'a', lastSeq: 5 });
  });

  test('takes the last proof of an epoch that was exported twice', ({ expect }) => {
    expect(findPredecessor([record({}), record({ exportedMs: 2, lastSeq: 6 })], 30)).toEqual({ file: 'a', lastSeq: 6 });
  });

  test('passes through epochs without rows', ({ expect }) => {
    const none = record({ epoch: { startUs: 10, endUs: 20 }, filepath: 'b', rows: 0, firstSeq: 0, lastSeq: 0 });
    expect(findPredecessor([record({}), none], 30)).toEqual({ file: 'b', lastSeq: 5 });
  });
});

describe('toParquetQuery', () => {
  test('pins every setting that the server knows, and no other', ({ expect }) => {
    const known = new Set(['output_format_parquet_compression_method', 'output_format_parquet_row_group_size']);
    const source = { database: 'mexc', table: 'b`tc', inOrder: false };
    const sql = toParquetQuery(source, 'gzip', known);
    expect(sql).toContain("output_format_parquet_compression_method = 'gzip'");
    expect(sql).toContain('output_format_parquet_row_group_size = 50000');
    expect(sql).not.toContain('string_as_string');
    expect(sql).toContain('FROM `mexc`.`b\\`tc` ORDER BY seq');
  });

  test('does without a sort when the table is stored by seq', ({ expect }) => {
    const sql = toParquetQuery({ database: 'mexc', table: 't', inOrder: true }, 'zstd', new Set());
    expect(sql).not.toContain('ORDER BY');
    expect(sql).toContain('max_streams_to_max_threads_ratio = 0');
  });
});

describe('rows in RowBinary', () => {
  test('are found whole wherever the stream is cut', ({ expect }) => {
    const rows = makeRows(9);
    const payload = toPayload(rows);
    for (let cut = 0; cut <= payload.length; cut += 1) {
      const whole = wholeRowsBytes(payload.subarray(0, cut));
      const read = [...readRows(payload.subarray(0, whole))];
      expect(read.map((row) => row.seq)).toEqual(rows.slice(0, read.length).map((row) => row.seq));
      expect(cut - whole).toBeLessThan(200);
    }
    expect(wholeRowsBytes(payload)).toBe(payload.length);
  });
});

describe('an answer that ends too early', () => {
  test('gives the error that ClickHouse appended', ({ expect }) => {
    const error = toAppendedError(Buffer.from('PAR1…__exception__\nCode: 241. DB::Exception: memory limit exceeded\n'));
    expect(error).toMatchObject({ code: 'STORE_REFUSED', context: { clickhouseCode: 241 } });
    expect(toAppendedError(Buffer.from('PAR1')).code).toBe('STORE_UNREACHABLE');
  });
});

describe('openWriter', () => {
  test('chooses a compression that the writer has, and refuses one that it lacks', ({ expect }) => {
    expect(openWriter('clickhouse', undefined).compression).toBe('zstd');
    expect(openWriter('parquetjs', undefined).compression).toBe('snappy');
    let thrown: unknown;
    try {
      openWriter('parquetjs', 'zstd');
    } catch (error) {
      thrown = error;
    }
    expect(CaptureError.is(thrown, 'USAGE_INVALID')).toBe(true);
  });
});
