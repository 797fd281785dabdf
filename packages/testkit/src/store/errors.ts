import { Readable } from 'node:stream';
import { expect } from 'vitest';
import { failure, type CaseTest } from './context.ts';

const REFUSALS: readonly { readonly query: string; readonly code: string; readonly type: string }[] = [
  { query: 'SELECT * FROM missing_table', code: '60', type: 'UNKNOWN_TABLE' },
  { query: 'SELECT missing_column', code: '47', type: 'UNKNOWN_IDENTIFIER' },
  { query: 'SELECT missing_function(1)', code: '46', type: 'UNKNOWN_FUNCTION' },
  { query: 'selec 1', code: '62', type: 'SYNTAX_ERROR' },
  { query: 'SELECT 1 FROM', code: '62', type: 'SYNTAX_ERROR' },
  { query: "SELECT 'open", code: '62', type: 'SYNTAX_ERROR' },
  { query: 'SELECT 1; SELECT 2', code: '62', type: 'SYNTAX_ERROR' },
  { query: 'DROP TABLE missing_table', code: '60', type: 'UNKNOWN_TABLE' },
  { query: 'CREATE TABLE t (a UInt8) ENGINE = Nonsense', code: '56', type: 'UNKNOWN_STORAGE' },
  { query: 'INSERT INTO missing_table VALUES (1)', code: '60', type: 'UNKNOWN_TABLE' },
  { query: "SELECT throwIf(1, 'planned')", code: '395', type: 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO' },
  { query: "SELECT toUInt8('x')", code: '6', type: 'CANNOT_PARSE_TEXT' },
];

/** What goes wrong is said with ClickHouse's code and name, and never looks like success. */
export function errorCases(test: CaseTest): void {
  for (const { query, code, type } of REFUSALS) {
    test(`says ${type} to ${query}`, async ({ client }) => {
      expect(await failure(client.command({ query }))).toMatchObject({ code, type });
    });
  }

  test('gives each kind of error its HTTP status', async ({ store, database }) => {
    const ask = async (query: string): Promise<number> => {
      const response = await fetch(`${store.url}/?database=${database}`, {
        method: 'POST',
        body: query,
        headers: { 'X-ClickHouse-User': store.user, 'X-ClickHouse-Key': store.password },
      });
      await response.text();
      return response.status;
    };
    expect(await ask('SELECT 1')).toBe(200);
    expect(await ask('SELECT * FROM missing_table')).toBe(404);
    expect(await ask('SELEC 1')).toBe(400);
    expect(await ask('SELECT throwIf(1)')).toBe(500);
  });

  test('refuses an unknown setting', async ({ client }) => {
    const settings: Record<string, string> = { no_such_setting: '1' };
    const query = client.query({ query: 'SELECT 1', clickhouse_settings: settings });
    expect(await failure(query)).toMatchObject({ code: '115', type: 'UNKNOWN_SETTING' });
  });

  test('refuses an unknown database and an unknown format', async ({ connect, client }) => {
    const query = connect({ database: 'no_such_database' }).query({ query: 'SELECT 1' });
    expect(await failure(query)).toMatchObject({ code: '81', type: 'UNKNOWN_DATABASE' });
    expect(await failure(client.exec({ query: 'SELECT 1 FORMAT Nonsense' }))).toMatchObject({
      code: '73',
      type: 'UNKNOWN_FORMAT',
    });
  });

  test('refuses a wrong password and an unknown user', async ({ connect }) => {
    expect(await failure(connect({ password: 'wrong' }).query({ query: 'SELECT 1' }))).toMatchObject({
      code: '516',
      type: 'AUTHENTICATION_FAILED',
    });
    expect(await failure(connect({ username: 'nobody' }).query({ query: 'SELECT 1' }))).toMatchObject({ code: '516' });
  });

  test('changes nothing with readonly = 1', async ({ client, value }) => {
    await client.command({ query: 'CREATE TABLE t (a UInt8) ENGINE = Memory' });
    const readonly = { clickhouse_settings: { readonly: '1' as const } };
    for (const query of [
      'INSERT INTO t SELECT 1',
      'DROP TABLE t',
      'SELECT 1 SETTINGS max_threads = 1',
      'CREATE TABLE u (a UInt8) ENGINE = Memory',
    ]) {
      expect({ query, ...(await failure(client.command({ query, ...readonly }))) }).toMatchObject({
        query,
        code: '164',
        type: 'READONLY',
      });
    }
    expect(await value('SELECT count() FROM t')).toBe('0');
    await client.command({ query: 'INSERT INTO t SELECT 1' });
    expect(await value('SELECT count() FROM t')).toBe('1');
  });

  test('fails a stream that breaks off after its first rows', async ({ client }) => {
    const query = "SELECT number, repeat('x', 200), throwIf(number = 900000, 'planned') FROM numbers(1000000)";
    const read = async (): Promise<void> => {
      const settings = { max_block_size: '1000', max_threads: 1 };
      const result = await client.query({ query, format: 'JSONEachRow', clickhouse_settings: settings });
      for await (const _ of result.stream());
    };
    expect(await failure(read())).toMatchObject({ code: '395', type: 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO' });
  });

  test('never lets a result that broke off look complete', async ({ client }) => {
    const query = "SELECT number, repeat('x', 200), throwIf(number = 900000) FROM numbers(1000000) FORMAT RowBinary";
    const read = async (): Promise<void> => {
      const { stream } = await client.exec({ query, clickhouse_settings: { max_block_size: '1000', max_threads: 1 } });
      for await (const _ of stream);
    };
    await failure(read());
  });

  test('gives an error its own status when asked to wait for the end', async ({ client }) => {
    const query = "SELECT number, repeat('x', 200), throwIf(number = 90000) FROM numbers(100000)";
    const settings = { wait_end_of_query: 1 as const, max_block_size: '1000', max_threads: 1 };
    expect(await failure(client.query({ query, clickhouse_settings: settings }))).toMatchObject({ code: '395' });
  });

  test('says which row of an INSERT it cannot read', async ({ client }) => {
    await client.command({ query: 'CREATE TABLE t (id UInt32) ENGINE = StripeLog' });
    const values = Readable.from(['1\n2\nthree\n'], { objectMode: false });
    const error = await failure(client.insert({ table: 't', values, format: 'TabSeparated' }));
    expect(error).toMatchObject({ code: '27' });
    expect(error.message).toContain('(at row 3)');
  });
}
