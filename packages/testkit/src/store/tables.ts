import { expect } from 'vitest';
import type { CaseTest } from './context.ts';

const COLUMNS = "(ts DateTime64(3, 'UTC'), mt Enum8('t' = 1, 'd' = 2), m String, ts_recv DateTime64(6, 'UTC'), seq UInt64)";

/** Tables as this toolkit uses them: StripeLog, MergeTree, views, renames. */
export function tableCases(test: CaseTest): void {
  test('keeps times, enums and 64-bit numbers exactly', async ({ client, rows }) => {
    await client.command({ query: `CREATE TABLE c ${COLUMNS} ENGINE = StripeLog` });
    const values = [
      { ts: '1700000000123', mt: 't', m: '{"a":0.080100}', ts_recv: '1700000000123456', seq: '18446744073709551615' },
    ];
    await client.insert({ table: 'c', values, format: 'JSONEachRow' });
    expect(await rows('SELECT * FROM c')).toEqual([
      {
        ts: '2023-11-14 22:13:20.123',
        mt: 't',
        m: '{"a":0.080100}',
        ts_recv: '2023-11-14 22:13:20.123456',
        seq: '18446744073709551615',
      },
    ]);
  });

  test('renames two tables in one statement', async ({ client, rows }) => {
    await client.command({ query: `CREATE TABLE x_current ${COLUMNS} ENGINE = StripeLog` });
    await client.command({ query: `CREATE TABLE x_next ${COLUMNS} ENGINE = StripeLog` });
    await client.command({ query: 'INSERT INTO x_current (seq) SELECT 1' });
    await client.command({ query: 'RENAME TABLE x_current TO x_previous, x_next TO x_current' });
    expect(await rows('SELECT (SELECT count() FROM x_previous) AS p, (SELECT count() FROM x_current) AS c')).toEqual([
      { p: '1', c: '0' },
    ]);
  });

  test('exchanges two tables', async ({ client, value }) => {
    await client.command({ query: 'CREATE TABLE a (n UInt8) ENGINE = Memory' });
    await client.command({ query: 'CREATE TABLE b (n UInt8) ENGINE = Memory' });
    await client.command({ query: 'INSERT INTO a SELECT 1' });
    await client.command({ query: 'EXCHANGE TABLES a AND b' });
    expect(await value('SELECT count() FROM b')).toBe('1');
  });

  test('keeps a MergeTree with partitions, changes, drops and optimizes it', async ({ client, value }) => {
    await client.command({
      query:
        "CREATE TABLE log (s LowCardinality(String), at DateTime('UTC')) ENGINE = MergeTree ORDER BY (s, at) PARTITION BY toYYYYMM(at)",
    });
    await client.command({ query: "INSERT INTO log VALUES ('a', '2026-01-01 00:00:00'), ('b', '2026-02-01 00:00:00')" });
    await client.command({ query: "ALTER TABLE log ADD COLUMN extra String DEFAULT 'z'" });
    await client.command({ query: 'OPTIMIZE TABLE log FINAL' });
    await client.command({ query: "ALTER TABLE log DROP PARTITION '202601'" });
    expect(await value('SELECT concat(s, extra) FROM log')).toBe('bz');
    await client.command({ query: 'TRUNCATE TABLE log' });
    expect(await value('SELECT count() FROM log')).toBe('0');
  });

  test('reads through views, also over tables that were renamed', async ({ client, value }) => {
    await client.command({ query: `CREATE TABLE v_current ${COLUMNS} ENGINE = StripeLog` });
    await client.command({ query: "CREATE VIEW v AS SELECT seq, JSONExtractString(m, 'k') AS k FROM v_current WHERE mt = 'd'" });
    await client.command({ query: "INSERT INTO v_current (mt, m, seq) VALUES ('d', '{\"k\":\"w\"}', 1), ('t', '{}', 2)" });
    expect(await value('SELECT k FROM v')).toBe('w');
    await client.command({ query: 'RENAME TABLE v_current TO v_previous' });
    await client.command({ query: `CREATE TABLE v_current ${COLUMNS} ENGINE = StripeLog` });
    expect(await value('SELECT count() FROM v')).toBe('0');
  });

  test('lists tables and their columns', async ({ client, rows, database }) => {
    await client.command({ query: 'CREATE TABLE z (n UInt8) ENGINE = StripeLog' });
    const parameters = { database };
    const tables = 'SELECT name, engine, total_rows FROM system.tables WHERE database = {database:String}';
    expect(await rows(tables, parameters)).toEqual([{ name: 'z', engine: 'StripeLog', total_rows: '0' }]);
    const columns = 'SELECT name, type FROM system.columns WHERE database = {database:String}';
    expect(await rows(columns, parameters)).toEqual([{ name: 'n', type: 'UInt8' }]);
  });
}
