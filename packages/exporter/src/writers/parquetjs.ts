// oxlint-disable-next-line typescript/triple-slash-reference -- else the types are lost to a project that reads this as source
/// <reference path="./parquetjs-lite.d.ts" />
import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import { CaptureError, type Manifest, type Row } from '@mexc-toolkit/core';
import parquetjs, { type Field, type Schema } from 'parquetjs-lite';

const ROW_GROUP_ROWS = 32_768;
const PAGE_ROWS = 2048;

/**
 * Parquet written in this process, for stores that cannot write it. Slower than the server's own by an order of magnitude.
 * Pages of version 1 and no page index, because ClickHouse rejects the index that parquetjs-lite writes.
 *
 * @throws {CaptureError} `USAGE_INVALID` for a value that parquetjs-lite would round or refuse (a seq above 2^53, a time
 *   before 1970); errors of `batches` pass as they are
 */
export async function* writeWithParquetjs(
  batches: AsyncIterable<Iterable<Row>>,
  compression: Manifest['compression'],
  onRows?: (rows: number) => void,
): AsyncGenerator<Uint8Array> {
  const out = new PassThrough({ highWaterMark: 1024 * 1024 });
  const written = appendAll(batches, { out, compression, onRows });
  written.catch((error: unknown) => out.destroy(error instanceof Error ? error : new Error(String(error))));
  try {
    for await (const chunk of out) if (chunk instanceof Uint8Array) yield chunk;
  } finally {
    out.destroy();
    await written.catch(() => undefined); // was passed on through `out`
  }
}

interface Appending {
  readonly out: PassThrough;
  readonly compression: Manifest['compression'];
  readonly onRows: ((rows: number) => void) | undefined;
}

async function appendAll(batches: AsyncIterable<Iterable<Row>>, { out, compression, onRows }: Appending): Promise<void> {
  const writer = await parquetjs.ParquetWriter.openStream(toSchema(compression), out, {
    rowGroupSize: ROW_GROUP_ROWS,
    pageSize: PAGE_ROWS,
    useDataPageV2: false,
    pageIndex: false,
  });
  let rows = 0;
  for await (const batch of batches) {
    for (const row of batch) {
      if (!Number.isSafeInteger(row.seq) || !Number.isSafeInteger(row.tsMs) || !Number.isSafeInteger(row.tsRecvUs)) {
        throw new CaptureError('USAGE_INVALID', `the writer parquetjs cannot hold row ${row.seq}; use the writer clickhouse`);
      }
      // The library keeps the value until the page is full, and copies `m` when it takes it.
      await writer.appendRow({ ts: row.tsMs, mt: row.mt, m: row.m, ts_recv: row.tsRecvUs, seq: row.seq });
      rows += 1;
    }
    onRows?.(rows);
  }
  await writer.close();
}

function toSchema(compression: Manifest['compression']): Schema {
  const codec = toCodec(compression);
  const field = (type: Field['type']): Field => ({ type, compression: codec });
  const text: Field = { type: 'UTF8', compression: codec, statistics: false };
  return new parquetjs.ParquetSchema({
    ts: field('TIMESTAMP_MILLIS'),
    mt: text,
    m: text,
    ts_recv: field('TIMESTAMP_MICROS'),
    seq: field('UINT_64'),
  });
}

/**
 * @throws {CaptureError} `USAGE_INVALID` for zstd, which parquetjs-lite lacks
 */
export function toCodec(compression: Manifest['compression']): Field['compression'] {
  switch (compression) {
    case 'snappy':
      return 'SNAPPY';
    case 'gzip':
      return 'GZIP';
    case 'none':
      return 'UNCOMPRESSED';
    case 'zstd':
      throw new CaptureError(
        'USAGE_INVALID',
        'the writer parquetjs has no zstd; use snappy, gzip or none, or the writer clickhouse',
      );
  }
}

/** Version of parquetjs-lite, for the manifest. */
export function readParquetjsVersion(): string {
  const value: unknown = createRequire(import.meta.url)('parquetjs-lite/package.json');
  return typeof value === 'object' && value !== null && 'version' in value ? String(value.version) : 'unknown';
}
