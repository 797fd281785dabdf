import { text } from 'node:stream/consumers';
import type { DataFormat } from '@clickhouse/client';
import { expect } from 'vitest';
import type { CaseTest } from './context.ts';

const TEXT_FORMATS: readonly { readonly format: DataFormat; readonly body: string }[] = [
  { format: 'TabSeparated', body: '1\ta\\tb\n2\t\\N\n' },
  { format: 'TabSeparatedWithNames', body: 'n\ts\n1\ta\\tb\n2\t\\N\n' },
  { format: 'CSV', body: '1,"a\tb"\n2,\\N\n' },
  { format: 'CSVWithNames', body: '"n","s"\n1,"a\tb"\n2,\\N\n' },
  { format: 'JSONEachRow', body: '{"n":1,"s":"a\\tb"}\n{"n":2,"s":null}\n' },
  { format: 'JSONCompactEachRow', body: '[1, "a\\tb"]\n[2, null]\n' },
];
const TWO_ROWS = "SELECT toUInt8(number + 1) AS n, if(number = 0, 'a\\tb', NULL) AS s FROM numbers(2) ORDER BY n";

/** Reading: formats, headers, comments, streaming, what a request does not inherit from another. */
export function queryCases(test: CaseTest): void {
  test('answers a ping, with and without a query', async ({ client }) => {
    expect(await client.ping()).toEqual({ success: true });
    expect(await client.ping({ select: true })).toEqual({ success: true });
  });

  for (const { format, body } of TEXT_FORMATS) {
    test(`writes ${format}`, async ({ client }) => {
      const result = await client.query({ query: TWO_ROWS, format });
      expect(await result.text()).toBe(body);
    });
  }

  test('writes JSON with names, types and the number of rows', async ({ client }) => {
    const result = await client.query({ query: TWO_ROWS, format: 'JSON' });
    expect(await result.json()).toMatchObject({
      meta: [
        { name: 'n', type: 'UInt8' },
        { name: 's', type: 'Nullable(String)' },
      ],
      data: [
        { n: 1, s: 'a\tb' },
        { n: 2, s: null },
      ],
      rows: 2,
    });
  });

  test('writes a whole Parquet file with its magic bytes at both ends', async ({ client }) => {
    const { stream } = await client.exec({ query: 'SELECT number, toString(number) FROM numbers(100000) FORMAT Parquet' });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const file = Buffer.concat(chunks);
    expect(file.subarray(0, 4).toString()).toBe('PAR1');
    expect(file.subarray(-4).toString()).toBe('PAR1');
    expect(file.length).toBeGreaterThan(100_000);
  });

  test('takes the format from the text of the query before the one of the request', async ({ client }) => {
    const { stream } = await client.exec({ query: 'SELECT 1 AS a FORMAT JSONEachRow', clickhouse_settings: {} });
    expect(await text(stream)).toBe('{"a":1}\n');
  });

  test('names the content type, the format and the query in headers', async ({ client }) => {
    const result = await client.query({ query: 'SELECT 1', format: 'JSONEachRow', query_id: 'contract-headers' });
    await result.text();
    expect(result.query_id).toBe('contract-headers');
    expect(result.response_headers).toMatchObject({
      'x-clickhouse-query-id': 'contract-headers',
      'x-clickhouse-format': 'JSONEachRow',
      'content-type': 'application/x-ndjson; charset=UTF-8',
    });
  });

  test('reads comments, WITH, EXPLAIN, SHOW, DESCRIBE, EXISTS and a trailing semicolon', async ({ value, database }) => {
    expect(await value("-- ; one\nSELECT /* ; /* two */ */ 'a;b' # three\n")).toBe('a;b');
    expect(await value('WITH 2 AS x SELECT x + 1')).toBe('3');
    expect(await value('(SELECT 1) UNION ALL (SELECT 1)')).toBe('1');
    expect(await value('EXPLAIN SYNTAX SELECT 1')).toBe('SELECT 1');
    expect(await value(`SHOW DATABASES LIKE '${database}'`)).toBe(database);
    expect(await value('DESCRIBE TABLE system.one')).toBe('dummy');
    expect(await value('EXISTS TABLE system.one')).toBe('1');
    expect(await value('SELECT format FROM (SELECT 5 AS format)')).toBe('5');
    expect(await value('SELECT 1 SETTINGS max_threads = 1')).toBe('1');
  });

  test('reads a query whose own text ends with a semicolon', async ({ client }) => {
    const { stream } = await client.exec({ query: 'SELECT 7;' });
    expect(await text(stream)).toBe('7\n');
  });

  test('sends and reads compressed bodies', async ({ connect, client }) => {
    const compressed = connect({ compression: { request: true, response: true } });
    await client.command({ query: 'CREATE TABLE packed (n UInt32) ENGINE = Memory' });
    await compressed.insert({ table: 'packed', values: [{ n: 1 }, { n: 2 }], format: 'JSONEachRow' });
    const result = await compressed.query({ query: 'SELECT toString(sum(n)) AS s FROM packed', format: 'JSONEachRow' });
    expect(result.response_headers['content-encoding']).toBe('gzip');
    expect(await result.json()).toEqual([{ s: '3' }]);
  });

  test('streams a result of many megabytes row by row and in order', async ({ client }) => {
    const query = "SELECT number, repeat('x', 100) AS s FROM numbers(200000)";
    const result = await client.query({ query, format: 'JSONEachRow', clickhouse_settings: { max_block_size: '5000' } });
    let next = 0;
    for await (const rows of result.stream<{ number: string }>()) {
      for (const row of rows) {
        if (Number(row.json().number) !== next) throw new Error(`expected row ${next}`);
        next += 1;
      }
    }
    expect(next).toBe(200_000);
  });

  test('applies settings to their query only', async ({ value, client }) => {
    const setting = "SELECT getSetting('max_block_size') AS v";
    const result = await client.query({ query: setting, format: 'TabSeparated', clickhouse_settings: { max_block_size: '777' } });
    expect(await result.text()).toBe('777\n');
    for (let i = 0; i < 10; i += 1) expect(await value(setting)).not.toBe('777');
    expect(await value(`${setting} SETTINGS max_block_size = 778`)).toBe('778');
    expect(await value(setting)).not.toBe('778');
  });

  test('keeps the database and parameters of requests apart', async ({ connect, database, value, client }) => {
    const elsewhere = connect({ database: 'system' });
    const databases = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const result = await (i % 2 ? client : elsewhere).query({
          query: 'SELECT currentDatabase(), {n:UInt32}',
          query_params: { n: i },
          format: 'TabSeparated',
        });
        return await result.text();
      }),
    );
    expect(databases).toEqual(databases.map((_, i) => `${i % 2 ? database : 'system'}\t${i}\n`));
    await client.command({ query: 'USE system' });
    expect(await value('SELECT currentDatabase()')).toBe(database);
  });

  test('runs queries in parallel', async ({ value }) => {
    const running = ['1', '2', '3'].map((n) => value(`SELECT ${n} + sleep(1)`));
    const started = performance.now();
    expect(await Promise.all(running)).toEqual(['1', '2', '3']);
    expect(performance.now() - started).toBeLessThan(2_900);
  });

  test('hashes rows as xxHash64 does, in 64 bits that wrap', async ({ value }) => {
    expect(await value("SELECT toString(xxHash64('1|2|t|3|{}'))")).toMatch(/^\d{15,20}$/);
    expect(await value("SELECT toString(xxHash64(''))")).toBe('17241709254077376921');
    const sum = 'SELECT sum(xxHash64(toString(number))) = sum(xxHash64(toString(999 - number))) FROM numbers(1000)';
    expect(await value(sum)).toBe('1');
  });
}
