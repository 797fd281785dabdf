import { describe, test } from 'vitest';
import { CaptureError, parseManifest } from '@mexc-toolkit/core';

const good = {
  formatVersion: 1,
  symbol: 'BTC_USDT',
  epoch: { start: 'a', end: 'b', startUs: 1, endUs: 2 },
  rows: 1,
  rowsByType: { t: 1, d: 0, dp: 0, dl: 0 },
  firstSeq: 1,
  lastSeq: 1,
  minTsMs: 1,
  maxTsMs: 1,
  minTsRecvUs: 1,
  maxTsRecvUs: 1,
  digest: '18446744073709551615',
  file: { name: 'x.parquet', bytes: 1, sha256: '0'.repeat(64) },
  parquetSchema: {},
  writer: { name: 'clickhouse', version: '1' },
  compression: 'zstd',
  source: { database: 'mexc', table: 'btc_previous' },
  gaps: [],
  rotation: null,
  egress: null,
  predecessor: null,
  createdAt: 'now',
};

describe('parseManifest', () => {
  test('returns a manifest as it stands', ({ expect }) => {
    expect(parseManifest(JSON.stringify(good), 'm')).toEqual(good);
  });

  test.for([
    ['text that is no JSON', '{'],
    ['another format version', { ...good, formatVersion: 2 }],
    ['an unknown key', { ...good, colour: 'blue' }],
    ['a missing key', { ...good, digest: undefined }],
    ['a count below zero', { ...good, rows: -1 }],
    ['a digest as a number', { ...good, digest: 5 }],
    ['a file name with a path', { ...good, file: { ...good.file, name: '../x' } }],
    ['a hash that is none', { ...good, file: { ...good.file, sha256: 'x' } }],
    ['a list', []],
  ] as const)('refuses %s and names the file', ([, value], { expect }) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const error = (() => {
      try {
        return parseManifest(text, '/exports/m.json');
      } catch (reason) {
        return reason;
      }
    })();
    expect(CaptureError.is(error, 'MANIFEST_INVALID') && error.message).toContain('/exports/m.json');
  });
});
