import { exceptions } from './exceptions.ts';
import { tokens, type Token } from './lexer.ts';

/** How a statement is run. Offsets are into the byte string it was read from. */
export type Statement =
  /** Gives rows: the result is written as one file whose path stands at `outfileAt`. */
  | {
      readonly kind: 'rows';
      readonly format: string | undefined;
      readonly outfileAt: number;
      readonly end: number;
      /** Where `system.processes` is read, in order. */
      readonly processes: readonly { readonly start: number; readonly end: number }[];
    }
  /** An INSERT with data behind it: everything from `dataAt` on is data, in `format`. */
  | {
      readonly kind: 'insert';
      readonly format: string;
      readonly infileAt: number;
      /** Where FORMAT or VALUES begins; between `infileAt` and here stand the settings. */
      readonly clauseAt: number;
      readonly dataAt: number;
    }
  | {
      readonly kind: 'kill';
      readonly condition: string;
      readonly mode: 'sync' | 'async' | 'test';
      readonly format: string | undefined;
    }
  /** Anything else. `stateful`: it changes the session that runs it, which must not serve another request. */
  | { readonly kind: 'plain'; readonly format: string | undefined; readonly end: number; readonly stateful: boolean }
  /** More bytes are needed to tell. */
  | { readonly kind: 'unfinished' };

const ROWS = new Set(['SELECT', 'WITH', 'FROM', 'SHOW', 'DESC', 'DESCRIBE', 'EXPLAIN', 'EXISTS', '(']);
const STATEFUL = new Set(['SET', 'USE', 'BEGIN', 'START', 'COMMIT', 'ROLLBACK', 'EXECUTE']);

/**
 * Tells how to run `sql`, a byte string. With `complete` false more bytes may follow, and the answer is `unfinished` unless
 * it cannot change any more; only an INSERT with data is ever told apart before its end.
 *
 * @throws ServerException for an empty text, more than one statement, INTO OUTFILE and FROM INFILE.
 */
export function parseStatement(sql: string, complete: boolean): Statement {
  const scan = tokens(sql);
  const first = scan.next();
  if (first.done === true) {
    if (complete) throw exceptions.emptyQuery();
    return { kind: 'unfinished' };
  }
  const keyword = sql.slice(first.value.start, first.value.end).toUpperCase();
  if (keyword === 'INSERT') {
    const insert = parseInsert(sql, complete);
    if (insert) return insert;
  }
  if (!complete) return { kind: 'unfinished' };
  const all = [first.value, ...scan];
  const body = singleStatement(all, sql);
  const words = body.map((token) => (token.kind === 'word' ? sql.slice(token.start, token.end).toUpperCase() : ''));
  const end = body.at(-1)?.end ?? 0;
  if (keyword !== 'INSERT' && body.some((token, i) => token.depth === 0 && words[i] === 'INTO' && words[i + 1] === 'OUTFILE')) {
    throw exceptions.intoOutfile();
  }
  const formatAt = findFormat(body, words);
  const formatToken = formatAt === undefined ? undefined : body[formatAt + 1];
  const format = formatToken && sql.slice(formatToken.start, formatToken.end).replace(/^[`"]|[`"]$/g, '');
  const tailAt = (formatAt === undefined ? undefined : body[formatAt]?.start) ?? end;
  if (keyword === 'KILL' && words[1] === 'QUERY') {
    return { kind: 'kill', format, ...parseKill(sql.slice(0, tailAt), body, words) };
  }
  if (ROWS.has(keyword)) {
    return { kind: 'rows', format, outfileAt: tailAt, end, processes: findProcesses(sql, body, words) };
  }
  const temporary = body.some((token, i) => token.depth === 0 && words[i] === 'TEMPORARY');
  return { kind: 'plain', format, end, stateful: STATEFUL.has(keyword) || temporary };
}

function singleStatement(all: readonly Token[], sql: string): readonly Token[] {
  const semicolon = all.findIndex((token) => token.kind === 'semicolon');
  if (semicolon < 0) return all;
  const next = all.slice(semicolon).find((token) => token.kind !== 'semicolon');
  if (next) throw exceptions.multiStatement(Buffer.byteLength(sql.slice(0, next.start), 'latin1') + 1);
  if (semicolon === 0) throw exceptions.emptyQuery();
  return all.slice(0, semicolon);
}

/** The index of the word FORMAT when a name and then the end, or SETTINGS, follow it. */
function findFormat(body: readonly Token[], words: readonly string[]): number | undefined {
  for (let i = body.length - 2; i > 0; i -= 1) {
    const name = body[i + 1];
    if (words[i] !== 'FORMAT' || body[i]?.depth !== 0 || !name || (name.kind !== 'word' && name.kind !== 'quoted')) continue;
    if (i + 2 === body.length || (words[i + 2] === 'SETTINGS' && body[i + 3] !== undefined)) return i;
  }
  return undefined;
}

function findProcesses(sql: string, body: readonly Token[], words: readonly string[]): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  for (let i = 1; i + 2 < body.length; i += 1) {
    const [before, first, dot, last] = [words[i - 1], body[i], body[i + 1], body[i + 2]];
    if ((before !== 'FROM' && before !== 'JOIN') || !first || !dot || !last) continue;
    if (words[i] !== 'SYSTEM' || words[i + 2] !== 'PROCESSES' || sql.slice(dot.start, dot.end) !== '.') continue;
    found.push({ start: first.start, end: last.end });
  }
  return found;
}

function parseKill(
  sql: string,
  body: readonly Token[],
  words: readonly string[],
): { condition: string; mode: 'sync' | 'async' | 'test' } {
  const where = body[words.indexOf('WHERE')];
  const inside = body.filter((token) => token.end <= sql.length);
  const last = inside.at(-1);
  if (!where || !last) throw exceptions.notImplemented('KILL QUERY without WHERE');
  const word = words[inside.length - 1] ?? '';
  const mode = word === 'SYNC' ? 'sync' : word === 'TEST' ? 'test' : 'async';
  const condition = sql.slice(where.end, word === 'SYNC' || word === 'TEST' || word === 'ASYNC' ? last.start : sql.length);
  return { condition: condition.trim(), mode };
}

/** The head of an INSERT with data, `unfinished` when more of it is needed, undefined when it is an INSERT … SELECT. */
function parseInsert(sql: string, complete: boolean): Statement | undefined {
  let infileAt: number | undefined;
  let previous = '';
  const scan = tokens(sql);
  scan.next();
  for (let step = scan.next(); step.done !== true; step = scan.next()) {
    const token = step.value;
    // A word at the very end may go on in the bytes to come.
    if (token.end === sql.length && !complete) return { kind: 'unfinished' };
    const word = token.kind === 'word' && token.depth === 0 ? sql.slice(token.start, token.end).toUpperCase() : '';
    // The first word after these is the name of the table, whatever it is.
    const isName = previous === '' || previous === 'INTO' || previous === 'TABLE' || previous === 'FUNCTION' || previous === '.';
    if (!isName) {
      if (word === 'SELECT' || word === 'WITH' || word === 'WATCH') return undefined;
      if (word === 'FROM') throw exceptions.fromInfile();
      if (word === 'SETTINGS') infileAt ??= token.start;
      if (word === 'VALUES') {
        return { kind: 'insert', format: 'Values', infileAt: infileAt ?? token.start, clauseAt: token.start, dataAt: token.end };
      }
      if (word === 'FORMAT')
        return formatClause(sql, { infileAt: infileAt ?? token.start, clauseAt: token.start, complete, scan });
    }
    // `(SELECT …)` after the name is an INSERT … SELECT too.
    if (token.depth === 1 && previous === '(' && /^(SELECT|WITH)$/i.test(sql.slice(token.start, token.end))) return undefined;
    previous = word !== '' ? word : sql.slice(token.start, token.end);
  }
  return complete ? undefined : { kind: 'unfinished' };
}

function formatClause(
  sql: string,
  head: { infileAt: number; clauseAt: number; complete: boolean; scan: Generator<Token, void, undefined> },
): Statement {
  const { infileAt, clauseAt, complete, scan } = head;
  const name = scan.next();
  if (name.done === true || (name.value.end === sql.length && !complete)) {
    if (!complete) return { kind: 'unfinished' };
    return { kind: 'plain', format: undefined, end: sql.length, stateful: false };
  }
  // Blanks up to and including the first newline belong to the statement; more of them are data.
  const blank = /[ \t\f]*;?[ \t\f]*\r?\n?/y;
  blank.lastIndex = name.value.end;
  blank.exec(sql);
  if (blank.lastIndex === sql.length && !complete && sql[sql.length - 1] !== '\n') return { kind: 'unfinished' };
  const format = sql.slice(name.value.start, name.value.end);
  return { kind: 'insert', format, infileAt, clauseAt, dataAt: blank.lastIndex };
}
