import { TupleParam } from '@clickhouse/client';
import { expect } from 'vitest';
import { failure, type CaseTest } from './context.ts';

const VALUES: readonly { readonly type: string; readonly value: unknown; readonly json: unknown }[] = [
  { type: 'String', value: 'it\'s; \\ " ` {x:String} -- ü € 😀\t\n\r', json: 'it\'s; \\ " ` {x:String} -- ü € 😀\t\n\r' },
  { type: 'String', value: '', json: '' },
  { type: 'UInt64', value: 18_446_744_073_709_551_615n, json: '18446744073709551615' },
  { type: 'Int32', value: -7, json: -7 },
  { type: 'Float64', value: 1.5, json: 1.5 },
  { type: 'Bool', value: true, json: true },
  { type: 'Nullable(String)', value: null, json: null },
  { type: "DateTime64(3, 'UTC')", value: new Date('2026-01-31T14:00:00.123Z'), json: '2026-01-31 14:00:00.123' },
  { type: 'Array(String)', value: ["a'b", 'c\\d', '', '\n'], json: ["a'b", 'c\\d', '', '\n'] },
  { type: 'Array(Array(UInt8))', value: [[1], [], [2, 3]], json: [[1], [], [2, 3]] },
  { type: 'Map(String, UInt8)', value: { "k'1": 1 }, json: { "k'1": 1 } },
  { type: 'Tuple(UInt8, String)', value: new TupleParam([1, "x'y"]), json: [1, "x'y"] },
  { type: 'Decimal(9, 2)', value: '12.34', json: 12.34 },
];

/** `{name:Type}`: every value arrives as it was, and none can become SQL. */
export function parameterCases(test: CaseTest): void {
  for (const { type, value, json } of VALUES) {
    test(`binds ${type} ${JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v)).slice(0, 30)}`, async ({
      rows,
    }) => {
      const [row] = await rows(`SELECT {v:${type}} AS v`, { v: value });
      if (row && Array.isArray(row['v']) && row['v'].length === 2 && type.startsWith('Tuple')) expect(row['v']).toEqual(json);
      else expect(row).toEqual({ v: json });
    });
  }

  test('binds identifiers of tables, databases and columns', async ({ client, rows, database }) => {
    await client.command({
      query: 'CREATE TABLE {t:Identifier} (`a b` UInt8) ENGINE = Memory',
      query_params: { t: 'od`d "name' },
    });
    const parameters = { d: database, t: 'od`d "name', c: 'a b' };
    await client.command({ query: 'INSERT INTO {d:Identifier}.{t:Identifier} SELECT 4', query_params: parameters });
    expect(await rows('SELECT {c:Identifier} AS v FROM {d:Identifier}.{t:Identifier}', parameters)).toEqual([{ v: 4 }]);
  });

  test('does not look for placeholders in strings, comments and quoted names', async ({ rows }) => {
    const query = `SELECT '{v:String}' AS a, /* {w:String} */ {v:String} AS "{v:String}" -- {x:UInt8}\n`;
    expect(await rows(query, { v: 'yes' })).toEqual([{ a: '{v:String}', '{v:String}': 'yes' }]);
  });

  test('takes values too long for a URL', async ({ connect }) => {
    const client = connect({ use_multipart_params_auto: true });
    const names = Array.from({ length: 2000 }, (_, i) => `name ${i}'`);
    const result = await client.query({
      query: 'SELECT length({names:Array(String)}) AS n',
      query_params: { names },
      format: 'TabSeparated',
    });
    expect(await result.text()).toBe('2000\n');
  });

  test('refuses a query whose parameter is missing, also after one that had it', async ({ value }) => {
    for (let i = 0; i < 12; i += 1) expect(await value('SELECT {once:UInt8}', { once: i })).toBe(String(i));
    expect(await failure(value('SELECT {once:UInt8}'))).toMatchObject({ code: '456', type: 'UNKNOWN_QUERY_PARAMETER' });
  });

  test('refuses a value that is not of its type', async ({ value }) => {
    expect(await failure(value('SELECT {n:UInt8}', { n: '1 OR 1' }))).toMatchObject({ code: '457', type: 'BAD_QUERY_PARAMETER' });
  });
}
