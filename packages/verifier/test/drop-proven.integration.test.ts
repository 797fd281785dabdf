import { rm, writeFile } from 'node:fs/promises';
import {
  createRowTable,
  listExports,
  listRowTables,
  parseSymbol,
  systemClock,
  Telemetry,
  toBase,
  type Store,
} from '@mexc-toolkit/core';
import {
  auditExports,
  dropProven,
  isProven,
  type AuditReport,
  type DropOptions,
  type VerificationReport,
} from '@mexc-toolkit/verifier';
import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest';
import { HOUR_US, makeRows, START_US } from './rows.ts';
import { verify } from './verify.ts';
import { fillTable, openEngine, toServerParquet, type EngineContext } from './with-engine.ts';
import { BTC, writeFixture, type Fixture } from './write-fixture.ts';

let engine: EngineContext;
let fixture: Fixture;
const rows = makeRows({ count: 300 });
const table = 'btc_previous';
const pending = { table, startUs: START_US, endUs: START_US + HOUR_US, report: null, egress: null };
const silent = { info() {}, warn() {}, error() {} } as unknown as ConstructorParameters<typeof Telemetry>[0];

beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());
beforeEach(async () => {
  const { store, dir } = engine;
  await store.command(`TRUNCATE TABLE \`${store.database}\`.export_log`);
  await fillTable(store, table, rows);
  const bytes = await toServerParquet(store, table, 'zstd');
  const from = { database: store.database, table };
  fixture = await writeFixture({ dir: `${dir}/exports`, rows, bytes, writer: 'clickhouse', compression: 'zstd', ...from });
});

const judge = (): Promise<VerificationReport> =>
  verify(fixture.path, { predecessor: undefined, table: { store: engine.store, table } });
const options = (report: VerificationReport, store: Store = engine.store): DropOptions => ({
  store,
  exportDir: `${engine.dir}/exports`,
  symbol: BTC,
  pending,
  report,
  clock: systemClock,
  signal: AbortSignal.timeout(30_000),
  telemetry: new Telemetry(silent),
});
const audit = (): Promise<AuditReport> =>
  auditExports({
    exportDir: `${engine.dir}/exports`,
    store: engine.store,
    clock: systemClock,
    signal: AbortSignal.timeout(30_000),
  });
const tables = (): Promise<string[]> => listRowTables(engine.store, toBase(BTC));

describe('dropProven', () => {
  test('records the proof, then drops the table', async ({ expect }) => {
    const report = await judge();
    expect(report.findings).toEqual([]);
    expect(await dropProven(options(report))).toEqual({ kind: 'dropped' });
    expect(await tables()).toEqual([]);
    const { sha256, digest } = report;
    const proof = { filepath: fixture.relativePath, rows: 300, firstSeq: 1, lastSeq: 300, sha256, digest, verdict: 'match' };
    expect(await listExports(engine.store, BTC)).toMatchObject([proof]);
  });

  test('is safe to repeat after the drop', async ({ expect }) => {
    const report = await judge();
    await dropProven(options(report));
    expect(await dropProven(options(report))).toEqual({ kind: 'gone' });
    expect(await isProven(options(report))).toBe(true);
    expect(await listExports(engine.store, BTC)).toHaveLength(1);
  });

  test('is safe to repeat after a crash between the record and the drop', async ({ expect }) => {
    const report = await judge();
    const { store } = engine;
    const dying = new Proxy(store, {
      get: (target, name: keyof Store) => {
        if (name === 'command') return async () => await Promise.reject(new Error('killed'));
        const value: unknown = target[name];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    await expect(dropProven(options(report, dying))).rejects.toThrow('killed');
    expect(await tables()).toEqual([table]);
    expect(await dropProven(options(await judge()))).toEqual({ kind: 'dropped' });
    expect(await listExports(store, BTC)).toHaveLength(1);
  });

  test('keeps a table that got a row after the verdict', async ({ expect }) => {
    const report = await judge();
    await fillTable(engine.store, table, [...rows, ...makeRows({ count: 1, firstSeq: 301 })]);
    expect(await dropProven(options(report))).toMatchObject({ kind: 'refused' });
    expect(await tables()).toEqual([table]);
    expect(await listExports(engine.store, BTC)).toEqual([]);
  });

  test('keeps a table whose file was changed or removed after the verdict', async ({ expect }) => {
    const report = await judge();
    await writeFile(fixture.path, fixture.bytes.subarray(1));
    expect(await dropProven(options(report))).toEqual({
      kind: 'refused',
      reasons: ['the file is not the one that was verified'],
    });
    await rm(fixture.path);
    expect(await dropProven(options(report))).toMatchObject({ kind: 'refused' });
    expect(await tables()).toEqual([table]);
  });

  test('refuses when the table is gone and nothing proves its epoch', async ({ expect }) => {
    const report = await judge();
    await engine.store.command(`DROP TABLE \`${engine.store.database}\`.\`${table}\``);
    expect(await dropProven(options(report))).toMatchObject({ kind: 'refused' });
  });
});

describe('an audit with a store', () => {
  test('compares the files with export_log and with the tables that still exist', async ({ expect }) => {
    expect(await audit()).toMatchObject({ verdict: 'match', pending: [{ table, state: 'equal' }] });
    await fillTable(engine.store, table, rows.slice(1));
    expect(await audit()).toMatchObject({ verdict: 'mismatch', pending: [{ table, state: 'different' }] });
  });

  test('names a proven file that is gone, and one that was replaced', async ({ expect }) => {
    await dropProven(options(await judge()));
    const other = makeRows({ count: 299 });
    await writeFixture({ dir: `${engine.dir}/exports`, rows: other });
    const replaced = await audit();
    expect(replaced.verdict).toBe('mismatch');
    expect(replaced.symbols[0]?.problems[0]?.findings.map((finding) => finding.check)).toContain('log');
    await rm(fixture.path);
    await rm(fixture.manifestPath);
    const missing = await audit();
    expect(missing.symbols[0]?.findings.map((finding) => finding.message)).toEqual([
      `${fixture.relativePath} was exported and is gone`,
    ]);
  });

  test('takes a table that is not exported yet for no fault', async ({ expect }) => {
    await createRowTable(engine.store, 'eth_previous');
    await rm(`${engine.dir}/exports`, { recursive: true });
    const report = await auditExports({
      exportDir: engine.dir,
      symbols: [parseSymbol('BTC_USDT')],
      store: engine.store,
      clock: systemClock,
      signal: AbortSignal.timeout(30_000),
    });
    expect(report).toMatchObject({ verdict: 'match', pending: [{ table, state: 'unexported' }] });
  });
});
