import { describe, test } from 'vitest';
import { toByteString, tokens } from '../src/lexer.ts';
import { parseStatement, type Statement } from '../src/statement.ts';

const parse = (sql: string, complete = true): Statement => parseStatement(toByteString(sql), complete);
/** How an INSERT is cut: head, settings, format, data. */
function cut(sql: string): readonly string[] {
  const bytes = toByteString(sql);
  const statement = parseStatement(bytes, true);
  if (statement.kind !== 'insert') return [statement.kind];
  const { infileAt, clauseAt, dataAt, format } = statement;
  return [bytes.slice(0, infileAt).trim(), bytes.slice(infileAt, clauseAt).trim(), format, bytes.slice(dataAt)];
}
function rows(sql: string): readonly (string | undefined)[] {
  const bytes = toByteString(sql);
  const statement = parseStatement(bytes, true);
  if (statement.kind !== 'rows') return [statement.kind];
  return [bytes.slice(0, statement.outfileAt).trim(), statement.format, bytes.slice(statement.outfileAt, statement.end)];
}

const texts = (sql: string): string[] => [...tokens(sql)].map(({ kind, start, end }) => `${kind}:${sql.slice(start, end)}`);

describe('tokens', () => {
  const CASES: readonly (readonly [string, readonly string[]])[] = [
    ["a 'b''c;\\'d' e", ['word:a', "string:'b''c;\\'d'", 'word:e']],
    ['"a""b" `c\\`d`', ['quoted:"a""b"', 'quoted:`c\\`d`']],
    ['a /* b /* c */ d */ e', ['word:a', 'word:e']],
    ['a -- b\nc # d\ne', ['word:a', 'word:c', 'word:e']],
    ['$x$a;b$x$ 1', ['string:$x$a;b$x$', 'number:1']],
    ['a;b', ['word:a', 'semicolon:;', 'word:b']],
    ["a 'b", ['word:a', "broken:'b"]],
    ['a /* b', ['word:a', 'broken:/* b']],
    [toByteString('‘a;b’ “c”'), [`string:${toByteString('‘a;b’')}`, `quoted:${toByteString('“c”')}`]],
  ];
  test.for(CASES)('of %s', ([sql, expected], { expect }) => {
    expect(texts(sql)).toEqual(expected);
  });
});

describe('a statement that gives rows', () => {
  const CASES: readonly (readonly [string, readonly (string | undefined)[]])[] = [
    ['SELECT 1', ['SELECT 1', undefined, '']],
    ['SELECT 1;', ['SELECT 1', undefined, '']],
    ['SELECT 1 ; -- done', ['SELECT 1', undefined, '']],
    ['select 1 format JSON', ['select 1', 'JSON', 'format JSON']],
    ['SELECT 1 FORMAT JSON SETTINGS max_threads = 1', ['SELECT 1', 'JSON', 'FORMAT JSON SETTINGS max_threads = 1']],
    ['SELECT 1 SETTINGS max_threads = 1', ['SELECT 1 SETTINGS max_threads = 1', undefined, '']],
    ['SELECT format FROM t', ['SELECT format FROM t', undefined, '']],
    ["SELECT 'FORMAT JSON'", ["SELECT 'FORMAT JSON'", undefined, '']],
    ['SELECT 1 -- FORMAT JSON', ['SELECT 1', undefined, '']],
    ['(SELECT 1) UNION ALL (SELECT 2)', ['(SELECT 1) UNION ALL (SELECT 2)', undefined, '']],
    ['WITH 1 AS x SELECT x', ['WITH 1 AS x SELECT x', undefined, '']],
    ['CREATE TABLE t (a Int8) ENGINE = Memory', ['plain']],
    ['KILL MUTATION WHERE 1', ['plain']],
  ];
  test.for(CASES)('%s', ([sql, expected], { expect }) => {
    expect(rows(sql)).toEqual(expected);
  });
});

describe('an INSERT', () => {
  const CASES: readonly (readonly [string, readonly string[]])[] = [
    ['INSERT INTO t FORMAT TSV\n1\t2\n', ['INSERT INTO t', '', 'TSV', '1\t2\n']],
    ['INSERT INTO t FORMAT RowBinary\n\n;', ['INSERT INTO t', '', 'RowBinary', '\n;']],
    ['INSERT INTO t (a, `b c`) SETTINGS x = 1 FORMAT CSV 1,2', ['INSERT INTO t (a, `b c`)', 'SETTINGS x = 1', 'CSV', '1,2']],
    ["INSERT INTO t VALUES (1, 'SELECT')", ['INSERT INTO t', '', 'Values', " (1, 'SELECT')"]],
    ['INSERT INTO values VALUES (1)', ['INSERT INTO values', '', 'Values', ' (1)']],
    ['INSERT INTO db.format (a) FORMAT TSV\n', ['INSERT INTO db.format (a)', '', 'TSV', '']],
    ["INSERT INTO FUNCTION file('x', 'TSV') FORMAT TSV\n1", ["INSERT INTO FUNCTION file('x', 'TSV')", '', 'TSV', '1']],
    ['INSERT INTO t SELECT 1', ['plain']],
    ['INSERT INTO t (a) WITH 1 AS x SELECT x', ['plain']],
    ['INSERT INTO t (SELECT 1)', ['plain']],
  ];
  test.for(CASES)('%j', ([sql, expected], { expect }) => {
    expect(cut(sql)).toEqual(expected);
  });

  test('is told apart the same way however its bytes arrive', ({ expect }) => {
    for (const sql of [
      'INSERT INTO t (a) FORMAT TSV\n1\n2\n',
      'INSERT INTO t VALUES (1), (2)',
      'INSERT INTO t SETTINGS a = 1 FORMAT CSV\r\n1',
    ]) {
      const parts = Array.from({ length: sql.length - 1 }, (_, i) => parse(sql.slice(0, i + 1), false));
      const told = parts.filter((part) => part.kind !== 'unfinished');
      expect(told.length).toBeGreaterThan(0);
      expect(told).toEqual(told.map(() => parse(sql)));
    }
  });
});

describe('KILL QUERY', () => {
  test('is split into condition, mode and format', ({ expect }) => {
    expect(parse("KILL QUERY WHERE query_id = 'a' SYNC")).toMatchObject({
      condition: "query_id = 'a'",
      mode: 'sync',
      format: undefined,
    });
    expect(parse('kill query where 1')).toMatchObject({ condition: '1', mode: 'async' });
    expect(parse('KILL QUERY WHERE user = `x` TEST FORMAT JSON;')).toMatchObject({
      condition: 'user = `x`',
      mode: 'test',
      format: 'JSON',
    });
  });
});

describe('a text that is refused', () => {
  test.for([
    ['', 62],
    [' -- nothing\n', 62],
    [';', 62],
    ['SELECT 1; SELECT 2', 62],
    ["SELECT 1 INTO OUTFILE 'x'", 358],
    ["INSERT INTO t FROM INFILE 'x' FORMAT TSV", 78],
  ] as const)('%j', ([sql, code], { expect }) => {
    expect(() => parse(sql)).toThrow(expect.objectContaining({ code }));
  });
});

describe('what a statement leaves in its session', () => {
  test.for([
    ['SET max_threads = 1', true],
    ['USE system', true],
    ['CREATE TEMPORARY TABLE t (a Int8)', true],
    ['CREATE TABLE t (a Int8) ENGINE = Memory', false],
  ] as const)('%s: %s', ([sql, stateful], { expect }) => {
    expect(parse(sql)).toMatchObject({ kind: 'plain', stateful });
  });
});
