import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest, Row } from '@mexc-toolkit/core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { HOUR_US, makeRows, START_US } from './rows.ts';
import { checksOf, messagesOf, verify } from './verify.ts';
import { toParquet, writeFixture } from './write-fixture.ts';

let dir: string;
const rows = makeRows({ count: 450 });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'verifier-'));
});
afterAll(async () => await rm(dir, { recursive: true }));

const altered = (index: number, change: Partial<Row>): Row[] =>
  rows.map((row, at) => (at === index ? { ...row, ...change } : row));

describe('a file that is as it was received', () => {
  test.for([
    ['SNAPPY', 'snappy'],
    ['GZIP', 'gzip'],
    ['UNCOMPRESSED', 'none'],
  ] as const)('matches when compressed with %s', async ([codec, compression], { expect }) => {
    const { path } = await writeFixture({ dir, rows, bytes: await toParquet(rows, codec), compression });
    const report = await verify(path);
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({ verdict: 'match', rows: 450, firstSeq: 1, lastSeq: 450, table: null });
  });

  test('matches when it has no rows', async ({ expect }) => {
    const { path } = await writeFixture({ dir, rows: [] });
    expect(await verify(path)).toMatchObject({ verdict: 'match', rows: 0, firstSeq: 0, lastSeq: 0, findings: [] });
  });

  test('matches frames that are not UTF-8 byte for byte, and an empty one', async ({ expect }) => {
    const odd = altered(7, { m: Buffer.from([0xff, 0x00, 0xc3, 0x28]) }).map((row) =>
      row.seq === 9 ? { ...row, m: Buffer.alloc(0) } : row,
    );
    const { path } = await writeFixture({ dir, rows: odd });
    expect((await verify(path)).verdict).toBe('match');
  });
});

describe('a file whose rows are not those of the manifest', () => {
  const moved = rows[20]!.tsRecvUs;
  test.for<[string, Row[], string, RegExp]>([
    ['a missing row', rows.toSpliced(200, 1), 'seq', /1 seqs missing, first 201/],
    ['three missing rows', rows.toSpliced(200, 3), 'seq', /3 seqs missing, first 201/],
    ['the first row missing', rows.slice(1), 'seq', /first seq: the manifest says 1, the file has 2/],
    ['the last row missing', rows.slice(0, -1), 'seq', /last seq: the manifest says 450, the file has 449/],
    ['two duplicated rows', rows.toSpliced(10, 0, rows[9]!).toSpliced(300, 0, rows[298]!), 'seq', /2 seqs duplicated, first 10/],
    ['two rows in the wrong order', rows.toSpliced(50, 2, rows[51]!, rows[50]!), 'seq', /1 rows out of order, first seq 51/],
    ['one changed byte in m', altered(33, { m: Buffer.from(`${Buffer.from(rows[33]!.m).toString()} `) }), 'digest', /digest/],
    ['a changed ts', altered(33, { tsMs: rows[33]!.tsMs + 1 }), 'digest', /digest/],
    ['a changed ts_recv', altered(33, { tsRecvUs: rows[33]!.tsRecvUs + 1 }), 'digest', /digest/],
    ['a changed mt', altered(33, { mt: 't' }), 'rows', /rows of type t/],
    ['a row before the epoch', altered(0, { tsRecvUs: START_US - 1 }), 'epoch', /1 rows outside the epoch, first seq 1/],
    [
      'a row at the end of the epoch',
      altered(449, { tsRecvUs: START_US + HOUR_US }),
      'epoch',
      /1 rows outside the epoch, first seq 450/,
    ],
    ['a ts_recv that goes back', altered(21, { tsRecvUs: moved - 1 }), 'epoch', /1 rows whose ts_recv is before/],
  ])('is a mismatch for %s, and says so', async ([, wrong, check, message], { expect }) => {
    const { path } = await writeFixture({ dir, rows: wrong, claimed: rows });
    const report = await verify(path);
    expect(report.verdict).toBe('mismatch');
    expect(checksOf(report)).toContain(check);
    expect(messagesOf(report)).toMatch(message);
  });

  test.for<[string, Row[]]>([
    ['a hole', rows.toSpliced(200, 2)],
    ['a duplicate', rows.toSpliced(10, 0, rows[9]!)],
    ['a wrong order', rows.toSpliced(50, 2, rows[51]!, rows[50]!)],
    ['a row outside the epoch', altered(449, { tsRecvUs: START_US + HOUR_US })],
  ])('is a mismatch for %s even when the manifest says the same', async ([, wrong], { expect }) => {
    const { path } = await writeFixture({ dir, rows: wrong });
    expect((await verify(path)).verdict).toBe('mismatch');
  });
});

describe('a manifest that lies', () => {
  const other = 'f'.repeat(64);
  test.for<[string, (honest: Manifest) => Manifest]>([
    ['symbol', (m) => ({ ...m, symbol: 'ETH_USDT' })],
    ['epoch.start', (m) => ({ ...m, epoch: { ...m.epoch, start: '2026-11-22T12:00:00.000000Z' } })],
    ['epoch.end', (m) => ({ ...m, epoch: { ...m.epoch, end: '2026-11-22T15:00:00.000000Z' } })],
    ['epoch.startUs', (m) => ({ ...m, epoch: { ...m.epoch, startUs: m.epoch.startUs - 1 } })],
    ['epoch.endUs', (m) => ({ ...m, epoch: { ...m.epoch, endUs: m.epoch.endUs + 1 } })],
    ['rows', (m) => ({ ...m, rows: 449 })],
    ['rowsByType', (m) => ({ ...m, rowsByType: { ...m.rowsByType, t: 1 } })],
    ['firstSeq', (m) => ({ ...m, firstSeq: 2 })],
    ['lastSeq', (m) => ({ ...m, lastSeq: 451 })],
    ['minTsMs', (m) => ({ ...m, minTsMs: null })],
    ['maxTsMs', (m) => ({ ...m, maxTsMs: 1 })],
    ['minTsRecvUs', (m) => ({ ...m, minTsRecvUs: 1 })],
    ['maxTsRecvUs', (m) => ({ ...m, maxTsRecvUs: null })],
    ['digest', (m) => ({ ...m, digest: '1' })],
    ['file.name', (m) => ({ ...m, file: { ...m.file, name: 'x.parquet' } })],
    ['file.bytes', (m) => ({ ...m, file: { ...m.file, bytes: 1 } })],
    ['file.sha256', (m) => ({ ...m, file: { ...m.file, sha256: other } })],
    ['parquetSchema', (m) => ({ ...m, parquetSchema: { ...m.parquetSchema, ts: 'OPTIONAL INT64' } })],
    ['parquetSchema with one more', (m) => ({ ...m, parquetSchema: { ...m.parquetSchema, price: 'REQUIRED DOUBLE' } })],
    ['writer', (m) => ({ ...m, writer: { name: 'clickhouse', version: '26.7.2.1' } })],
    ['compression', (m) => ({ ...m, compression: 'zstd' })],
    ['predecessor', (m) => ({ ...m, predecessor: { file: null, lastSeq: 0 } })],
  ])('about %s is never a match', async ([, lie], { expect }) => {
    const { path, manifest, manifestPath } = await writeFixture({ dir, rows });
    await writeFile(manifestPath, JSON.stringify(lie(manifest)));
    expect((await verify(path)).verdict).not.toBe('match');
  });

  test.for<[string, string | null]>([
    ['gone', null],
    ['empty', ''],
    ['no JSON', '{"formatVersion": 1,'],
    ['of another version', '{"formatVersion": 2}'],
  ])('or is %s leaves the verdict inconclusive', async ([, text], { expect }) => {
    const { path, manifestPath } = await writeFixture({ dir, rows });
    await (text === null ? rm(manifestPath) : writeFile(manifestPath, text));
    const report = await verify(path);
    expect(report).toMatchObject({ verdict: 'inconclusive', rows: 450, findings: [{ check: 'manifest' }] });
  });

  test('or belongs to another hour is a mismatch, with its file and without', async ({ expect }) => {
    const next = makeRows({ count: 300, firstSeq: 451, startUs: START_US + HOUR_US });
    const first = await writeFixture({ dir, rows });
    const second = await writeFixture({
      dir,
      rows: next,
      startUs: START_US + HOUR_US,
      predecessor: { file: first.relativePath, lastSeq: 450 },
    });
    await writeFile(first.path, second.bytes);
    expect((await verify(first.path)).verdict).toBe('mismatch');
    await writeFile(first.manifestPath, JSON.stringify(second.manifest));
    const swapped = await verify(first.path);
    expect(swapped.verdict).toBe('mismatch');
    expect(checksOf(swapped)).toEqual(expect.arrayContaining(['manifest', 'epoch']));
    const withoutExpectation = await verify(first.path, {
      epoch: undefined,
      predecessor: { lastSeq: 450, file: first.relativePath },
    });
    expect(withoutExpectation.verdict).toBe('mismatch');
    expect(checksOf(withoutExpectation)).toEqual(['manifest']);
  });
});

describe('the seq chain', () => {
  const later = makeRows({ count: 60, firstSeq: 101 });
  const before = { file: 'symbol=BTC_USDT/before.parquet', lastSeq: 100 };

  test('holds when the file follows the epoch before', async ({ expect }) => {
    const { path } = await writeFixture({ dir, rows: later, predecessor: before });
    expect((await verify(path, { predecessor: before })).verdict).toBe('match');
  });

  test('is broken by a hole between two files, which is counted', async ({ expect }) => {
    const known = { ...before, lastSeq: 90 };
    const { path } = await writeFixture({ dir, rows: later, predecessor: known });
    const report = await verify(path, { predecessor: known });
    expect(report).toMatchObject({ verdict: 'mismatch', findings: [{ check: 'chain', count: 10 }] });
    expect(messagesOf(report)).toBe('10 seqs missing before the file, first 91');
  });

  test('is inconclusive when nobody knows what came before', async ({ expect }) => {
    const { path } = await writeFixture({ dir, rows: later, predecessor: before });
    expect(await verify(path, { predecessor: 'unknown' })).toMatchObject({
      verdict: 'inconclusive',
      findings: [{ check: 'chain' }],
    });
    expect((await verify(path, { predecessor: null })).verdict).toBe('inconclusive');
  });

  test('passes through an epoch without rows', async ({ expect }) => {
    const { path } = await writeFixture({ dir, rows: [], predecessor: before });
    expect((await verify(path, { predecessor: before })).verdict).toBe('match');
    expect((await verify(path, { predecessor: { ...before, lastSeq: 99 } })).verdict).toBe('mismatch');
  });
});

describe('a file that cannot be read', () => {
  test('leaves the verdict inconclusive when it is gone', async ({ expect }) => {
    const { path } = await writeFixture({ dir, rows });
    await rm(path);
    expect(await verify(path)).toMatchObject({ verdict: 'inconclusive', sha256: '', findings: [{ check: 'file' }] });
  });

  test('gives a verdict whatever its bytes are', async ({ expect }) => {
    const { path, bytes } = await writeFixture({ dir, rows });
    const length = Buffer.alloc(4);
    length.writeUInt32LE(0x7f_ff_ff_ff);
    const magic = Buffer.from('PAR1');
    for (const wrong of [
      Buffer.alloc(0),
      magic,
      Buffer.alloc(5000, 7),
      Buffer.concat([magic, Buffer.alloc(50), length, magic]),
      bytes.subarray(100),
    ]) {
      await writeFile(path, wrong);
      expect((await verify(path)).verdict).toBe('mismatch');
    }
  });

  test('is abandoned when the caller aborts', async ({ expect }) => {
    const { path } = await writeFixture({ dir, rows });
    await expect(verify(path, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });
});
