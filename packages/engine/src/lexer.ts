/** What a piece of SQL is, as far as this package needs to tell apart. */
export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'semicolon' | 'symbol' | 'broken';

/** One token of SQL. Offsets are bytes, as SQL is held in byte strings (see {@link toByteString}). */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** How many brackets are open around the token; an opening and its closing bracket have the same depth. */
  readonly depth: number;
}

/**
 * A byte string holds one byte in each character (latin1). SQL is cut in this form, so that offsets are offsets into the
 * request body and binary data behind an INSERT is never taken for UTF-8.
 */
export function toByteString(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The text of a byte string that holds UTF-8. */
export function fromByteString(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

const TOKEN = new RegExp(
  [
    String.raw`(?<skip>\s+|--[^\n]*|#[ !][^\n]*)`,
    String.raw`(?<comment>/\*)`,
    String.raw`(?<heredoc>\$\w*\$)`,
    String.raw`(?<word>[A-Za-z_][A-Za-z0-9_$]*)`,
    String.raw`(?<number>[0-9][A-Za-z0-9_.]*)`,
    // The curly quotes ‘…’ and “…”, as the bytes of their UTF-8.
    String.raw`(?<quote>['"\`]|\xE2\x80[\x98\x9C])`,
    String.raw`(?<semicolon>;)`,
    String.raw`(?<symbol>[\s\S])`,
  ].join('|'),
  'y',
);

/**
 * Splits SQL into tokens by the rules of ClickHouse's lexer (nested comments, heredocs, both ways to escape a quote).
 * Comments and blanks are skipped. A comment, string or heredoc without an end is one `broken` token up to the end.
 */
export function* tokens(sql: string): Generator<Token, void, undefined> {
  let depth = 0;
  let at = 0;
  while (at < sql.length) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(sql)?.groups ?? {};
    const start = at;
    at = TOKEN.lastIndex;
    if (groups['skip'] !== undefined) continue;
    if (groups['comment'] !== undefined) {
      at = commentEnd(sql, start);
      if (at < 0) return yield { kind: 'broken', start, end: sql.length, depth };
    } else if (groups['heredoc'] !== undefined) {
      const end = sql.indexOf(groups['heredoc'], at);
      if (end < 0) return yield { kind: 'broken', start, end: sql.length, depth };
      at = end + groups['heredoc'].length;
      yield { kind: 'string', start, end: at, depth };
    } else if (groups['quote'] !== undefined) {
      const quote = groups['quote'];
      at = quoteEnd(sql, at, quote);
      if (at < 0) return yield { kind: 'broken', start, end: sql.length, depth };
      yield { kind: quote === "'" || quote.endsWith('\x98') ? 'string' : 'quoted', start, end: at, depth };
    } else if (groups['symbol'] !== undefined) {
      const symbol = groups['symbol'];
      if (')]}'.includes(symbol)) depth = Math.max(0, depth - 1);
      yield { kind: 'symbol', start, end: at, depth };
      if ('([{'.includes(symbol)) depth += 1;
    } else {
      const kind = groups['word'] !== undefined ? 'word' : groups['number'] !== undefined ? 'number' : 'semicolon';
      yield { kind, start, end: at, depth };
    }
  }
}

const COMMENT_EDGE = /\/\*|\*\//g;

function commentEnd(sql: string, start: number): number {
  let open = 0;
  COMMENT_EDGE.lastIndex = start;
  for (let edge = COMMENT_EDGE.exec(sql); edge; edge = COMMENT_EDGE.exec(sql)) {
    open += edge[0] === '/*' ? 1 : -1;
    if (open === 0) return COMMENT_EDGE.lastIndex;
  }
  return -1;
}

/** The offset behind the closing quote, or -1. A backslash or a doubled quote escapes it; curly quotes know no escapes. */
function quoteEnd(sql: string, from: number, quote: string): number {
  if (quote.length > 1) {
    const end = sql.indexOf(quote.endsWith('\x98') ? '\xE2\x80\x99' : '\xE2\x80\x9D', from);
    return end < 0 ? -1 : end + quote.length;
  }
  for (let at = from; at < sql.length; at += 1) {
    const char = sql[at];
    if (char === '\\') at += 1;
    else if (char === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  return -1;
}
