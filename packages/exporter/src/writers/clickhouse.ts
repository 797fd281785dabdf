import type { Manifest, Store } from '@mexc-toolkit/core';
import { KNOWN_SETTINGS_SQL, toParquetQuery } from '../parquet-query.ts';
import type { RowSource } from './row-stream.ts';
import { readAnswer, toAppendedError } from '../store-stream.ts';

const MAGIC = Buffer.from('PAR1', 'latin1');
const TAIL_BYTES = 16_384;

/**
 * The Parquet file as the server itself writes it.
 *
 * @throws {CaptureError} `STORE_REFUSED` or `STORE_UNREACHABLE`, also for an answer that breaks off in the middle
 */
export async function* writeWithClickHouse(
  { store, table, inOrder, signal }: RowSource,
  options: { readonly compression: Manifest['compression'] },
): AsyncGenerator<Uint8Array> {
  const names = await store.query(KNOWN_SETTINGS_SQL, { signal: signal });
  const known = new Set(names.map((row) => String(row['name'])));
  const sql = toParquetQuery({ database: store.database, table, inOrder }, options.compression, known);
  let tail: Buffer = Buffer.alloc(0);
  for await (const chunk of readAnswer(store, sql, signal)) {
    tail = Buffer.concat([tail, chunk.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
    yield chunk;
  }
  if (!tail.subarray(-MAGIC.length).equals(MAGIC)) throw toAppendedError(tail);
}

/** Version of the server, for the manifest. */
export async function readServerVersion(store: Store, signal: AbortSignal): Promise<string> {
  const [row] = await store.query('SELECT version() AS version', { signal });
  return String(row?.['version']);
}
