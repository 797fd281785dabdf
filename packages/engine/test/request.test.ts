import { describe, test } from 'vitest';
import { authenticate, readCredentials } from '../src/auth.ts';
import { contentType } from '../src/formats.ts';
import { parseMultipart } from '../src/multipart.ts';
import { parseQueryRequest, readonlySettings, type QueryRequest } from '../src/request.ts';

const parse = (search: string, options: { method?: string; headers?: Record<string, string> } = {}): QueryRequest =>
  parseQueryRequest({ method: options.method ?? 'POST', search: new URLSearchParams(search), headers: options.headers ?? {} });

const basic = (text: string): Record<string, string> => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
const part = (name: string, value: string): string => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

describe('a query request', () => {
  test('sorts its parameters into query, settings and values', ({ expect }) => {
    const request = parse(
      'query=SELECT+1&query_id=q&database=d&default_format=CSV&max_threads=2&param_x=a%09b&session_id=s&wait_end_of_query=1',
    );
    expect(request).toMatchObject({ query: 'SELECT 1', queryId: 'q', database: 'd', defaultFormat: 'CSV', waitEnd: true });
    expect([...request.settings]).toEqual([['max_threads', '2']]);
    expect([...request.parameters]).toEqual([['x', 'a\tb']]);
  });

  test('has defaults, and an id of its own', ({ expect }) => {
    const request = parse('');
    expect(request).toMatchObject({ query: '', database: 'default', defaultFormat: 'TabSeparated', waitEnd: false });
    expect(request.queryId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('reads only, when it is a GET', ({ expect }) => {
    expect([...parse('query=SELECT+1', { method: 'GET' }).settings]).toEqual([['readonly', '2']]);
    expect([...parse('readonly=1', { method: 'GET' }).settings]).toEqual([['readonly', '1']]);
  });

  test('is answered compressed only when it says so twice', ({ expect }) => {
    const headers = { 'accept-encoding': 'br;q=1, gzip' };
    expect(parse('', { headers }).responseEncoding).toBe('identity');
    expect(parse('enable_http_compression=1').responseEncoding).toBe('identity');
    expect(parse('enable_http_compression=1', { headers }).responseEncoding).toBe('gzip');
  });

  test('is refused when it asks for what the engine does not have', ({ expect }) => {
    expect(() => parse('compress=1')).toThrow(/not supported/);
    expect(() => parse('role=x')).toThrow(/no role/);
  });

  test('has no settings but readonly for a reader', ({ expect }) => {
    expect([...readonlySettings(new Map([['readonly', '2']]))]).toEqual([['readonly', '1']]);
    expect(() => readonlySettings(new Map([['max_threads', '1']]))).toThrow(/readonly mode/);
  });
});

describe('credentials', () => {
  const accounts = [
    { name: 'default', readonly: false, password: 'p:w' },
    { name: 'reader', readonly: true, password: 'r' },
  ];

  test('are read from headers before Basic before the URL', ({ expect }) => {
    const search = new URLSearchParams('user=u&password=p');
    expect(readCredentials({ 'x-clickhouse-user': 'h', 'x-clickhouse-key': 'k', ...basic('b:b') }, search)).toEqual({
      user: 'h',
      password: 'k',
    });
    expect(readCredentials(basic('b:p:w'), search)).toEqual({ user: 'b', password: 'p:w' });
    expect(readCredentials({}, search)).toEqual({ user: 'u', password: 'p' });
    expect(readCredentials({}, new URLSearchParams())).toEqual({ user: 'default', password: '' });
  });

  test('prove only the account they belong to', ({ expect }) => {
    expect(authenticate({ user: 'default', password: 'p:w' }, accounts)).toEqual({ name: 'default', readonly: false });
    expect(authenticate({ user: 'reader', password: 'r' }, accounts)).toEqual({ name: 'reader', readonly: true });
    for (const claimed of [
      { user: 'default', password: 'r' },
      { user: 'reader', password: '' },
      { user: 'x', password: 'p:w' },
    ]) {
      expect(authenticate(claimed, accounts)).toBeUndefined();
    }
  });
});

describe('a form', () => {
  test('gives its fields as they were', ({ expect }) => {
    const body = `${part('query', 'SELECT\r\n1')}${part('param_x', '')}--b--\r\n`;
    expect([...parseMultipart(body, 'b')]).toEqual([
      ['query', 'SELECT\r\n1'],
      ['param_x', ''],
    ]);
  });
});

describe('the content type', () => {
  test.for([
    ['JSON', 'application/json; charset=UTF-8'],
    ['JSONEachRow', 'application/x-ndjson; charset=UTF-8'],
    ['JSONStringsEachRow', 'application/x-ndjson; charset=UTF-8'],
    ['JSONCompactEachRow', 'text/plain; charset=UTF-8'],
    ['TabSeparated', 'text/tab-separated-values; charset=UTF-8'],
    ['CSVWithNames', 'text/csv; charset=UTF-8; header=present'],
    ['Parquet', 'application/octet-stream'],
    ['RowBinary', 'application/octet-stream'],
  ])('of %s', ([format, expected], { expect }) => {
    expect(contentType(format ?? '')).toBe(expected);
  });
});
