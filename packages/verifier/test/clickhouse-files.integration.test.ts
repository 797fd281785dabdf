import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { flipBits, toPositions } from './bit-flips.ts';
import { makeRows } from './rows.ts';
import { messagesOf, verify } from './verify.ts';
import { fillTable, openEngine, toServerParquet, type EngineContext } from './with-engine.ts';
import { writeFixture, type Fixture } from './write-fixture.ts';

let engine: EngineContext;
const rows = makeRows({ count: 450 });
const table = 'btc_previous';

beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

async function writeServerFixture(compression: 'zstd' | 'snappy' | 'gzip' | 'none'): Promise<Fixture> {
  await fillTable(engine.store, table, rows);
  const bytes = await toServerParquet(engine.store, table, compression);
  return await writeFixture({
    dir: engine.dir,
    rows,
    bytes,
    writer: 'clickhouse',
    compression,
    database: engine.store.database,
    table,
  });
}

describe('a file of ClickHouse', () => {
  test.for(['zstd', 'snappy', 'gzip', 'none'] as const)(
    'matches its manifest and its table (%s)',
    async (compression, { expect }) => {
      const { path } = await writeServerFixture(compression);
      const report = await verify(path, { table: { store: engine.store, table } });
      expect(report.findings).toEqual([]);
      expect(report).toMatchObject({ verdict: 'match', rows: 450, table: { table } });
    },
  );

  test.for(['zstd', 'snappy', 'gzip'] as const)(
    'is never a match, whichever bit is flipped (%s)',
    async (compression, { expect }) => {
      const fixture = await writeServerFixture(compression);
      const counts = await flipBits(fixture, toPositions(fixture.bytes, 150));
      expect(counts.honest).toEqual({ mismatch: counts.flips });
      expect(counts.silentChanges).toEqual([]);
    },
  );

  test('is never a match when it is cut short', async ({ expect }) => {
    const { path, bytes } = await writeServerFixture('zstd');
    for (let length = 0; length < bytes.length; length += Math.ceil(bytes.length / 60)) {
      await writeFile(path, bytes.subarray(0, length));
      expect((await verify(path)).verdict, `cut to ${length}`).toBe('mismatch');
    }
  });
});

describe('the table of a file', () => {
  test.for([
    ['lacks a row', rows.slice(0, -1), /rows: 449 in the table, 450 in the file/],
    ['holds a row twice', [...rows, rows[9]!], /rows: 451 in the table/],
    ['holds another frame', rows.map((row) => (row.seq === 5 ? { ...row, m: Buffer.from('{}') } : row)), /digest/],
  ] as const)('makes a mismatch when it %s', async ([, other, message], { expect }) => {
    const { path } = await writeServerFixture('zstd');
    await fillTable(engine.store, table, other);
    const report = await verify(path, { table: { store: engine.store, table } });
    expect(report.verdict).toBe('mismatch');
    expect(messagesOf(report)).toMatch(message);
  });

  test('leaves the verdict inconclusive when it cannot be read', async ({ expect }) => {
    const { path } = await writeServerFixture('zstd');
    const report = await verify(path, { table: { store: engine.store, table: 'btc_previous_gone' } });
    expect(report).toMatchObject({
      verdict: 'inconclusive',
      table: null,
      findings: [{ check: 'table' }],
    });
  });
});
