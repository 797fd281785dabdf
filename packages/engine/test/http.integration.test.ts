import { brotliCompressSync, brotliDecompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { openTestEngine } from './open-test-engine.ts';
import { ask } from './raw-http.ts';

const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('the HTTP interface', () => {
  let engine: Awaited<ReturnType<typeof openTestEngine>>;
  const reader = (): typeof engine => ({
    ...engine,
    user: 'reader',
    password: readFileSync(join(engine.home, 'engine/reader-password'), 'utf8').trim(),
  });

  beforeAll(async () => {
    engine = await openTestEngine();
    await ask(engine, 'CREATE TABLE t (n UInt8) ENGINE = StripeLog');
    await ask(engine, 'INSERT INTO t VALUES (1)');
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  test('answers health checks without a password', async ({ expect }) => {
    for (const path of ['/ping', '/', '/replicas_status']) {
      const response = await fetch(`${engine.url}${path}`);
      expect([path, response.status, await response.text()]).toEqual([path, 200, 'Ok.\n']);
    }
    expect((await fetch(`${engine.url}/nonsense`)).status).toBe(404);
    expect((await fetch(engine.url, { method: 'DELETE' })).status).toBe(501);
  });

  test('listens on loopback only', async ({ expect }) => {
    const hex = Number(new URL(engine.url).port).toString(16).toUpperCase().padStart(4, '0');
    const listening = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .filter((line) => line.includes(`:${hex} `) && line.includes(' 0A '));
    expect(listening.map((line) => line.trim().split(/\s+/)[1])).toEqual([`0100007F:${hex}`]);
  });

  test('takes a password as Basic, in headers and in the URL', async ({ expect }) => {
    const search = new URLSearchParams({ query: 'SELECT 1', user: engine.user, password: engine.password });
    expect(await (await fetch(`${engine.url}/?${search.toString()}`)).text()).toBe('1\n');
    const headers = { Authorization: basic(engine.user, engine.password) };
    expect(await (await fetch(`${engine.url}/?query=SELECT+1`, { headers })).text()).toBe('1\n');
  });

  test('refuses whoever has no password, in the words of ClickHouse', async ({ expect }) => {
    const attempts = [{}, { Authorization: basic('default', '') }, { Authorization: basic('reader', engine.password) }];
    for (const headers of attempts) {
      const response = await fetch(`${engine.url}/?query=SELECT+1`, { headers });
      expect(response.status).toBe(403);
      expect(response.headers.get('x-clickhouse-exception-code')).toBe('516');
      expect(await response.text()).toMatch(
        /^Code: 516\. DB::Exception: \w+: Authentication failed: .*\(AUTHENTICATION_FAILED\) \(version 26\./,
      );
    }
  });

  test('appends the body to the query of the URL', async ({ expect }) => {
    expect(await ask(engine, '+ 2', { query: 'SELECT 40' })).toMatchObject({ text: '42\n' });
    expect(await ask(engine, 'SELECT 1', { default_format: 'JSONEachRow' })).toMatchObject({ text: '{"1":1}\n' });
  });

  test('changes nothing on GET', async ({ expect }) => {
    const headers = { Authorization: basic(engine.user, engine.password) };
    const response = await fetch(`${engine.url}/?query=${encodeURIComponent('INSERT INTO t SELECT 2')}`, { headers });
    expect(await response.text()).toContain('(READONLY)');
    expect(await (await fetch(`${engine.url}/?query=SELECT+count()+FROM+t`, { headers })).text()).toBe('1\n');
  });

  test('lets the reader read and nothing else', async ({ expect }) => {
    expect(await ask(reader(), 'SELECT n FROM t WHERE n = {n:UInt8}', { param_n: '1' })).toMatchObject({
      status: 200,
      text: '1\n',
    });
    const forbidden = [
      'INSERT INTO t VALUES (2)',
      'DROP TABLE t',
      'CREATE TABLE u (n UInt8) ENGINE = Memory',
      'SYSTEM DROP MARK CACHE',
      'KILL QUERY WHERE 1',
      "SELECT * FROM file('/etc/hostname', 'LineAsString')",
      'SELECT 1 SETTINGS readonly = 0',
      'SELECT 1 SETTINGS max_threads = 1',
    ];
    for (const sql of forbidden)
      expect({ sql, ...(await ask(reader(), sql)) }).toMatchObject({ sql, text: expect.stringContaining('Code: 164.') });
    for (const settings of [{ max_threads: '1' }, { readonly: '0' }]) {
      expect(await ask(reader(), 'SELECT 1', settings)).toMatchObject({ text: expect.stringContaining('Code: 164.') });
    }
    await ask(reader(), 'SET readonly = 0');
    expect(await ask(reader(), 'INSERT INTO t VALUES (2)')).toMatchObject({ text: expect.stringContaining('Code: 164.') });
    expect(await ask(engine, 'SELECT count() FROM t')).toMatchObject({ text: '1\n' });
  });

  test('reads and writes no files for a statement', async ({ expect }) => {
    expect(await ask(engine, "SELECT 1 INTO OUTFILE '/tmp/never'")).toMatchObject({
      text: expect.stringContaining('INTO_OUTFILE_NOT_ALLOWED'),
    });
    expect(await ask(engine, "INSERT INTO t FROM INFILE '/etc/hostname' FORMAT TSV")).toMatchObject({ status: 404 });
  });

  test('reads every encoding of a body and refuses others', async ({ expect }) => {
    const encodings = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync };
    const send = async (encoding: string, body: Buffer): Promise<string> => {
      const headers = { Authorization: basic(engine.user, engine.password), 'Content-Encoding': encoding };
      const response = await fetch(engine.url, { method: 'POST', body: new Uint8Array(body), headers });
      return await response.text();
    };
    for (const [encoding, encode] of Object.entries(encodings))
      expect(await send(encoding, encode(Buffer.from('SELECT 3')))).toBe('3\n');
    expect(await send('lz4', Buffer.from('SELECT 3'))).toContain('UNKNOWN_COMPRESSION_METHOD');
    expect(await send('gzip', Buffer.from('SELECT 3'))).toContain('Cannot decompress the request body');
    expect(await send('gzip', gzipSync('INSERT INTO t VALUES (9)').subarray(0, -6))).toContain(
      'Cannot decompress the request body',
    );
    expect(await ask(engine, 'SELECT count() FROM t')).toMatchObject({ text: '1\n' });
  });

  test('compresses when asked to', async ({ expect }) => {
    const search = new URLSearchParams({ query: 'SELECT number FROM numbers(1000000)', enable_http_compression: '1' });
    for (const encoding of ['gzip', 'br', 'zstd', 'deflate']) {
      const headers = { Authorization: basic(engine.user, engine.password), 'Accept-Encoding': encoding };
      const response = await fetch(`${engine.url}/?${search.toString()}`, { headers });
      expect(response.headers.get('content-encoding')).toBe(encoding);
      if (encoding !== 'zstd') expect((await response.text()).length).toBe(6_888_890);
      else await response.arrayBuffer();
    }
    expect(brotliDecompressSync(brotliCompressSync('x')).toString()).toBe('x');
  });

  test('keeps nothing between requests, also with a session id', async ({ expect }) => {
    for (const sql of ['SET max_threads = 1', 'USE system', 'CREATE TEMPORARY TABLE mine (n UInt8)'])
      await ask(engine, sql, { session_id: 's' });
    for (let i = 0; i < 10; i += 1) {
      const { text } = await ask(
        engine,
        "SELECT currentDatabase(), (SELECT changed FROM system.settings WHERE name = 'max_threads')",
        { session_id: 's' },
      );
      expect(text).toBe('default\t0\n');
      expect((await ask(engine, 'SELECT * FROM mine', { session_id: 's' })).status).toBe(404);
    }
  });

  test('tells what a query did in the summary', async ({ expect }) => {
    const { headers } = await ask(engine, '1\n2\n3\n', {
      query: "INSERT INTO FUNCTION null('n UInt8') FORMAT TSV",
      wait_end_of_query: '1',
    });
    expect(JSON.parse(headers.get('x-clickhouse-summary') ?? '')).toMatchObject({ written_rows: '3' });
    const read = await ask(engine, 'SELECT number FROM numbers(1000)');
    expect(JSON.parse(read.headers.get('x-clickhouse-summary') ?? '')).toMatchObject({ result_rows: '1000', written_rows: '0' });
    expect(Object.fromEntries(read.headers)).toMatchObject({
      'x-clickhouse-timezone': 'UTC',
      'x-clickhouse-format': 'TabSeparated',
    });
  });

  test('says nothing of its own paths in an error', async ({ expect }) => {
    for (const [sql, body] of [
      ['INSERT INTO t FORMAT TSV', 'x\n'],
      ['INSERT INTO t (n) nonsense FORMAT TSV', '1'],
      ['SELECT 1 FROM', ''],
      ['SELECT 1 FORMAT Nonsense', ''],
    ] as const) {
      const { text, status } = await ask(engine, body, { query: sql });
      expect({ sql, status, text }).toMatchObject({ sql, status: expect.toSatisfy((s: number) => s >= 400) });
      expect(text).not.toMatch(/OUTFILE '|INFILE '|mexc:|\/tmp\//);
    }
  });
});
