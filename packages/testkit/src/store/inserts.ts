import { Readable } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';
import { expect } from 'vitest';
import type { CaseTest } from './context.ts';

const TABLE = 'CREATE TABLE t (id UInt32, s String) ENGINE = StripeLog';

/** Sends `body` as the data of an INSERT and waits for the answer. */
async function insertRaw(client: ClickHouseClient, query: string, body: Readable): Promise<string | undefined> {
  const result = await client.exec({ query, values: body });
  for await (const _ of result.stream);
  return result.summary?.written_rows;
}

function rowBinary(rows: readonly (readonly [number, Buffer])[]): Buffer {
  return Buffer.concat(
    rows.map(([id, s]) => {
      const head = Buffer.alloc(6);
      head.writeUInt32LE(id);
      head[4] = (s.length & 0x7f) | 0x80;
      head[5] = s.length >> 7;
      return Buffer.concat([head, s]);
    }),
  );
}

/** Writing: arrays, streams, formats, binary data, all or nothing. */
export function insertCases(test: CaseTest): void {
  test('inserts arrays of objects and counts them', async ({ client, rows }) => {
    await client.command({ query: TABLE });
    const values = [
      { id: 1, s: 'a' },
      { id: 2, s: "it's \\ \t\n\n ü €" },
    ];
    const { summary } = await client.insert({ table: 't', values, format: 'JSONEachRow' });
    expect(summary).toMatchObject({ written_rows: '2' });
    expect(await rows('SELECT * FROM t ORDER BY id')).toEqual(values);
  });

  test('inserts the columns that are named, the others get their default', async ({ client, rows }) => {
    await client.command({ query: TABLE });
    await client.insert({ table: 't', values: [[5]], columns: ['id'], format: 'JSONCompactEachRow' });
    expect(await rows('SELECT * FROM t')).toEqual([{ id: 5, s: '' }]);
  });

  test('inserts streams of objects and of text', async ({ client, rows }) => {
    await client.command({ query: TABLE });
    await client.insert({
      table: 't',
      values: Readable.from([
        { id: 1, s: 'x' },
        { id: 2, s: 'y' },
      ]),
      format: 'JSONEachRow',
    });
    await client.insert({ table: 't', values: Readable.from(['3,"z"\n', '4,"q"\n'], { objectMode: false }), format: 'CSV' });
    await client.insert({ table: 't', values: Readable.from(['5\tr\n6\ts\n'], { objectMode: false }), format: 'TabSeparated' });
    expect(await rows('SELECT id FROM t ORDER BY id')).toEqual([1, 2, 3, 4, 5, 6].map((id) => ({ id })));
  });

  test('inserts VALUES from the text of the query, empty lines included', async ({ client, rows }) => {
    await client.command({ query: TABLE });
    await client.command({ query: "INSERT INTO t (id, s) VALUES (1, 'a\n\nb'), (2, concat('c', 'd'));" });
    await client.command({ query: "INSERT INTO t VALUES (3, 'it''s; -- no comment')" });
    expect(await rows('SELECT * FROM t ORDER BY id')).toEqual([
      { id: 1, s: 'a\n\nb' },
      { id: 2, s: 'cd' },
      { id: 3, s: "it's; -- no comment" },
    ]);
  });

  test('inserts what a query selects', async ({ client, value }) => {
    await client.command({ query: TABLE });
    await client.command({ query: "INSERT INTO t SELECT number, 'x' FROM numbers(1000)" });
    await client.command({ query: 'INSERT INTO t (id) WITH 3 AS n SELECT n + number FROM numbers(2)' });
    expect(await value('SELECT count() FROM t')).toBe('1002');
  });

  test('keeps all 256 byte values through RowBinary, empty lines included', async ({ client, value }) => {
    await client.command({ query: TABLE });
    const bytes = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, i) => i)), Buffer.from('\n\n;\r\n\\N')]);
    const written = await insertRaw(client, 'INSERT INTO t FORMAT RowBinary', Readable.from([rowBinary([[10, bytes]])]));
    expect(written).toBe('1');
    expect(await value('SELECT hex(s) FROM t')).toBe(bytes.toString('hex').toUpperCase());
  });

  test('keeps data that looks like blanks or a statement', async ({ client, value }) => {
    await client.command({ query: 'CREATE TABLE b (s String) ENGINE = StripeLog' });
    const data = '\n ; SELECT 1';
    const body = Buffer.concat([Buffer.from([data.length]), Buffer.from(data)]);
    await insertRaw(client, 'INSERT INTO b (s) FORMAT RowBinary', Readable.from([body]));
    expect(await value('SELECT hex(s) FROM b')).toBe(Buffer.from(data).toString('hex').toUpperCase());
  });

  test('inserts a binary stream in small pieces, in its order, with settings in the text', async ({ client, value }) => {
    await client.command({ query: TABLE });
    const all = rowBinary(Array.from({ length: 5000 }, (_, i) => [i, Buffer.alloc(400, 'm')] as const));
    const pieces = Array.from({ length: Math.ceil(all.length / 777) }, (_, i) => all.subarray(i * 777, (i + 1) * 777));
    const query = 'INSERT INTO t (id, s) SETTINGS max_threads = 1 FORMAT RowBinary';
    expect(await insertRaw(client, query, Readable.from(pieces))).toBe('5000');
    expect(await value('SELECT countIf(id != rowNumberInAllBlocks()) + count() FROM t SETTINGS max_threads = 1')).toBe('5000');
  });

  test('inserts all rows or none when one cannot be read', async ({ client, value }) => {
    await client.command({ query: TABLE });
    const all = rowBinary(Array.from({ length: 20_000 }, (_, i) => [i, Buffer.alloc(300, 'm')] as const));
    const cut = all.subarray(0, all.length - 3);
    await expect(insertRaw(client, 'INSERT INTO t FORMAT RowBinary', Readable.from([cut]))).rejects.toMatchObject({ code: '33' });
    expect(await value('SELECT count() FROM t')).toBe('0');
  });

  test('inserts in parallel into one table', async ({ client, value }) => {
    await client.command({ query: TABLE });
    const one = (i: number): Promise<unknown> =>
      client.insert({
        table: 't',
        values: Array.from({ length: 50 }, (_, k) => ({ id: i * 50 + k, s: 'p' })),
        format: 'JSONEachRow',
      });
    await Promise.all(Array.from({ length: 20 }, (_, i) => one(i)));
    expect(await value('SELECT uniqExact(id) FROM t')).toBe('1000');
  });
}
