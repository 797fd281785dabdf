import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadRowDigest, parseManifest, PARQUET_SCHEMA, recordExport, ROW_DIGEST_SQL, type Row } from '@mexc-toolkit/core';
import { exportEpoch, type ExportReport } from '@mexc-toolkit/exporter';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { HOUR_US, makeRows, START_US } from './rows.ts';
import { fillTable, listFiles, openEngine, pendingHour, toOptions, type EngineContext } from './with-engine.ts';

let engine: EngineContext;
let run = 0;
const freshDir = (): string => join(engine.dir, `exports-${(run += 1)}`);

beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

async function digestOf(rows: readonly Row[]): Promise<string> {
  const digest = (await loadRowDigest())();
  for (const row of rows) digest.add(row);
  return digest.value();
}

async function expectWhole(report: ExportReport, rows: readonly Row[]): Promise<void> {
  const bytes = await readFile(report.path);
  const manifest = parseManifest(await readFile(report.manifestPath, 'utf8'), report.manifestPath);
  if (manifest.file.sha256 !== createHash('sha256').update(bytes).digest('hex')) throw new Error('sha256 differs');
  if (manifest.file.bytes !== bytes.length || manifest.digest !== (await digestOf(rows))) throw new Error('manifest differs');
}

const WAYS = [
  ['clickhouse', 'zstd'],
  ['clickhouse', 'snappy'],
  ['clickhouse', 'gzip'],
  ['clickhouse', 'none'],
  ['parquetjs', 'snappy'],
  ['parquetjs', 'gzip'],
  ['parquetjs', 'none'],
] as const;

describe('exportEpoch', () => {
  test.for(WAYS)(
    'writes a file that ClickHouse reads back with the same rows and types (%s, %s)',
    async ([writer, compression], { expect }) => {
      const rows = makeRows(5000);
      await fillTable(engine.store, pendingHour.table, rows);
      const report = await exportEpoch({ ...toOptions(engine.store, freshDir()), writer, compression });
      await expectWhole(report, rows);
      const [row] = await engine.store.query(
        `SELECT count() AS n, ${ROW_DIGEST_SQL} AS digest, any(toTypeName(ts)) AS ts_type, any(toTypeName(mt)) AS mt_type, any(toTypeName(m)) AS m_type,
         any(toTypeName(ts_recv)) AS ts_recv_type, any(toTypeName(seq)) AS seq_type FROM file({path:String}, Parquet)`,
        { params: { path: report.path } },
      );
      expect(row).toEqual({
        n: '5000',
        digest: report.manifest.digest,
        ts_type: "DateTime64(3, 'UTC')",
        mt_type: 'String',
        m_type: 'String',
        ts_recv_type: "DateTime64(6, 'UTC')",
        seq_type: 'UInt64',
      });
      expect(report.manifest).toMatchObject({
        rows: 5000,
        firstSeq: 1,
        lastSeq: 5000,
        compression,
        parquetSchema: PARQUET_SCHEMA,
      });
      expect(report.relativePath).toBe('symbol=BTC_USDT/date=2026-11-22/BTC_USDT-20261122T130000Z.parquet');
    },
  );

  test.for(['clickhouse', 'parquetjs'] as const)(
    'writes a valid file for an epoch without rows (%s)',
    async (writer, { expect }) => {
      await fillTable(engine.store, pendingHour.table, []);
      const report = await exportEpoch({ ...toOptions(engine.store, freshDir()), writer });
      await expectWhole(report, []);
      expect(report.manifest).toMatchObject({ rows: 0, firstSeq: 0, lastSeq: 0, minTsMs: null, digest: '0' });
      const [row] = await engine.store.query('SELECT count() AS n FROM file({path:String}, Parquet)', {
        params: { path: report.path },
      });
      expect(row).toEqual({ n: '0' });
    },
  );

  test('orders rows by seq whatever their order in the table', async ({ expect }) => {
    await fillTable(engine.store, pendingHour.table, makeRows(900).toReversed());
    const { path } = await exportEpoch(toOptions(engine.store, freshDir()));
    const rows = await engine.store.query(
      'SELECT seq FROM file({path:String}, Parquet) SETTINGS max_threads = 1, input_format_parquet_preserve_order = 1',
      { params: { path } },
    );
    expect(rows.map((row) => Number(row['seq']))).toEqual(Array.from({ length: 900 }, (_, index) => index + 1));
  });

  test('tells the gaps of the epoch and the proven epoch before it', async ({ expect }) => {
    const { store } = engine;
    const options = toOptions(store, freshDir());
    await fillTable(store, pendingHour.table, makeRows(10, 101));
    const gap = { kind: 'outage', startedUs: START_US + 5, endedUs: START_US + 9, detail: 'closed' };
    const line = { symbol: options.symbol, kind: gap.kind, started: gap.startedUs, ended: gap.endedUs, detail: gap.detail };
    await store.insert(`INSERT INTO \`${store.database}\`.gap_log FORMAT JSONEachRow`, [Buffer.from(JSON.stringify(line))]);
    const proof = {
      symbol: options.symbol,
      exportedMs: 1,
      rows: 100,
      firstSeq: 1,
      lastSeq: 100,
      sha256: 'a'.repeat(64),
      digest: '1',
      verdict: 'match',
    };
    await recordExport(store, {
      ...proof,
      epoch: { startUs: START_US - 2 * HOUR_US, endUs: START_US - HOUR_US },
      filepath: 'two-before',
    });
    await recordExport(store, {
      ...proof,
      epoch: { startUs: START_US - HOUR_US, endUs: START_US },
      filepath: 'empty',
      rows: 0,
      firstSeq: 0,
      lastSeq: 0,
    });
    await recordExport(store, { ...proof, epoch: { startUs: START_US, endUs: START_US + HOUR_US }, filepath: 'itself' });
    const { manifest } = await exportEpoch(options);
    expect(manifest.gaps).toEqual([gap]);
    expect(manifest.predecessor).toEqual({ file: 'empty', lastSeq: 100 });
  });

  test('replaces the file and the manifest of an earlier export', async ({ expect }) => {
    const options = toOptions(engine.store, freshDir());
    await fillTable(engine.store, pendingHour.table, makeRows(40));
    await exportEpoch({ ...options, compression: 'gzip' });
    const again = await exportEpoch(options);
    await expectWhole(again, makeRows(40));
    expect(await listFiles(options.exportDir)).toHaveLength(2);
  });
});

describe('an export that fails', () => {
  const child = fileURLToPath(new URL('crash-child.ts', import.meta.url));
  const STEPS = ['prepared', 'writing', 'written', 'described', 'published', 'complete'];
  const cases = STEPS.flatMap((step) => [[step, 'clickhouse'] as const, [step, 'parquetjs'] as const]);

  test.for(cases)('by a kill when it is %s finishes when it runs again (%s)', async ([step, writer], { expect }) => {
    const exportDir = freshDir();
    const rows = makeRows(3000);
    await fillTable(engine.store, pendingHour.table, rows);
    const args = ['--conditions=@mexc-toolkit/source', child, JSON.stringify(engine.storeOptions), exportDir, step, writer];
    const death = await promisify(execFile)(process.execPath, args).catch((error: unknown) => error);
    expect(death).toMatchObject({ signal: 'SIGKILL' });
    const left = await listFiles(exportDir);
    expect(left.filter((name) => name.endsWith('.parquet')).length).toBe(step === 'published' || step === 'complete' ? 1 : 0);
    expect(left.filter((name) => name.endsWith('.manifest.json')).length).toBe(step === 'complete' ? 1 : 0);
    const report = await exportEpoch({ ...toOptions(engine.store, exportDir), writer });
    await expectWhole(report, rows);
    expect((await listFiles(exportDir)).toSorted()).toEqual([
      'BTC_USDT-20261122T130000Z.manifest.json',
      'BTC_USDT-20261122T130000Z.parquet',
    ]);
  });

  test.for(['clickhouse', 'parquetjs'] as const)('by an abort leaves no file (%s)', async (writer, { expect }) => {
    const exportDir = freshDir();
    await fillTable(engine.store, pendingHour.table, makeRows(3000));
    const controller = new AbortController();
    const failing = exportEpoch({
      ...toOptions(engine.store, exportDir),
      writer,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(failing).rejects.toMatchObject({ name: 'AbortError' });
    expect(await listFiles(exportDir)).toEqual([]);
  });

  test('for want of its table leaves no file', async ({ expect }) => {
    const exportDir = freshDir();
    const pending = { ...pendingHour, table: 'btc_previous_gone' };
    await expect(exportEpoch({ ...toOptions(engine.store, exportDir), pending })).rejects.toMatchObject({
      code: 'STORE_REFUSED',
    });
    expect(await listFiles(exportDir)).toEqual([]);
  });

  test('for a directory that cannot be written says so', async ({ expect }) => {
    await fillTable(engine.store, pendingHour.table, makeRows(10));
    const file = freshDir();
    await writeFile(file, '');
    for (const exportDir of [join(file, 'below'), file, '/proc/exports']) {
      await expect(exportEpoch(toOptions(engine.store, exportDir))).rejects.toMatchObject({ code: 'EXPORT_UNWRITABLE' });
    }
  });

  test('for a name that is taken by a directory leaves no temporary file', async ({ expect }) => {
    await fillTable(engine.store, pendingHour.table, makeRows(10));
    const options = toOptions(engine.store, freshDir());
    const { path } = await exportEpoch({ ...options, exportDir: freshDir() });
    const taken = join(options.exportDir, path.split('/').slice(-3).join('/'));
    await mkdir(join(taken, 'inside'), { recursive: true });
    await expect(exportEpoch(options)).rejects.toMatchObject({ code: 'EXPORT_UNWRITABLE' });
    expect(await listFiles(options.exportDir)).toEqual([]);
  });
});
