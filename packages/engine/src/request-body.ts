import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { exceptions } from './exceptions.ts';
import { parseStatement, type Statement } from './statement.ts';

/** The text of a query, and when it is an INSERT, the data that follows it. */
export interface QueryText {
  /** A byte string: the statement, without data. */
  readonly sql: string;
  readonly statement: Statement;
  /** The data of an INSERT, of which the request body is not yet read. */
  readonly data: AsyncIterable<Buffer> | undefined;
}

/** The longest text of a query, data of an INSERT not counted. */
export const MAX_QUERY_BYTES = 16 * 1024 * 1024;

/** The request body without its compression. Breaks off with an error when the client does. */
export function decodedBody(body: Readable, encoding: string): Readable {
  if (encoding === 'identity') return body;
  const decoder = DECODERS.get(encoding)?.();
  if (!decoder) throw exceptions.unknownCompression(encoding);
  pipeline(body, decoder, () => {
    // The error reaches whoever reads the decoder.
  });
  return decoder;
}

const DECODERS: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  ['deflate', () => createInflate()],
  ['br', () => createBrotliDecompress()],
  ['zstd', () => createZstdDecompress()],
]);

/**
 * Reads as much of `body` as is needed to know the statement: all of it, except for the data of an INSERT, which stays in the
 * stream. `prefix` is the parameter `query`; as in ClickHouse the text is both, one after the other.
 */
export async function readQuery(prefix: string, body: AsyncIterable<Buffer>): Promise<QueryText> {
  const chunks = body[Symbol.asyncIterator]();
  let text = prefix === '' ? '' : Buffer.from(`${prefix}\n`, 'utf8').toString('latin1');
  let complete = false;
  let statement: Statement = { kind: 'unfinished' };
  let parsedLength = 0;
  while (statement.kind === 'unfinished') {
    // A text that grows is parsed again only when it has doubled, so that a long one costs no more than twice its length.
    if (complete || text.length >= parsedLength * 2) {
      statement = parseStatement(text, complete);
      parsedLength = text.length;
      if (statement.kind !== 'unfinished') break;
    }
    if (text.length > MAX_QUERY_BYTES) throw exceptions.queryTooLarge(MAX_QUERY_BYTES);
    // oxlint-disable-next-line no-await-in-loop -- a stream is read in order
    const next = await chunks.next();
    if (next.done === true) complete = true;
    else text += next.value.toString('latin1');
  }
  if (statement.kind !== 'insert') return { sql: text, statement, data: undefined };
  const head = Buffer.from(text.slice(statement.dataAt), 'latin1');
  return { sql: text.slice(0, statement.dataAt), statement, data: joined(head, complete ? undefined : chunks) };
}

async function* joined(head: Buffer, rest: AsyncIterator<Buffer> | undefined): AsyncGenerator<Buffer, void, undefined> {
  if (head.length > 0) yield head;
  if (!rest) return;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
