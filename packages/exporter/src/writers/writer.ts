import type { Manifest, Store } from '@mexc-toolkit/core';
import { readServerVersion, writeWithClickHouse } from './clickhouse.ts';
import { readParquetjsVersion, toCodec, writeWithParquetjs } from './parquetjs.ts';
import { streamRows, type RowSource } from './row-stream.ts';

/**
 * `clickhouse`: the server's own Parquet. `parquetjs`: written in this process, for stores that cannot; no zstd, and no
 * number above 2^53.
 */
export type WriterName = Manifest['writer']['name'];

/** One way to turn a table into the bytes of a Parquet file with the schema of docs/formats/parquet.md. */
export interface ParquetWriter {
  readonly name: WriterName;
  readonly compression: Manifest['compression'];
  write(source: RowSource): AsyncIterable<Uint8Array>;
  readVersion(store: Store, signal: AbortSignal): Promise<string>;
}

/**
 * @throws {CaptureError} `USAGE_INVALID` when the writer lacks that compression
 */
export function openWriter(name: WriterName, chosen: Manifest['compression'] | undefined): ParquetWriter {
  if (name === 'clickhouse') {
    const compression = chosen ?? 'zstd';
    return {
      name,
      compression,
      write: (source) => writeWithClickHouse(source, { compression }),
      readVersion: readServerVersion,
    };
  }
  const compression = chosen ?? 'snappy';
  toCodec(compression);
  return {
    name,
    compression,
    write: (source) => writeWithParquetjs(streamRows(source), compression, source.onRows),
    readVersion: async () => readParquetjsVersion(),
  };
}
