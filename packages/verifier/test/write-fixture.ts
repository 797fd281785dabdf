import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  loadRowDigest,
  PARQUET_SCHEMA,
  parseSymbol,
  toExportPath,
  toManifestPath,
  type ContractSymbol,
  type Manifest,
  type Row,
} from '@mexc-toolkit/core';
import parquetjs from 'parquetjs-lite';
import { HOUR_US, START_US } from './rows.ts';

export const BTC: ContractSymbol = parseSymbol('BTC_USDT');

/** A Parquet file written without the exporter, so that the verifier is tested on its own. */
export async function toParquet(
  rows: readonly Row[],
  compression: 'SNAPPY' | 'GZIP' | 'UNCOMPRESSED' = 'SNAPPY',
): Promise<Buffer> {
  const fields = { ts: 'TIMESTAMP_MILLIS', mt: 'UTF8', m: 'UTF8', ts_recv: 'TIMESTAMP_MICROS', seq: 'UINT_64' };
  const schema = new parquetjs.ParquetSchema(
    Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, { type, compression }])),
  );
  const out = new PassThrough();
  const bytes = buffer(out);
  const options = { rowGroupSize: 200, pageSize: 70, useDataPageV2: false, pageIndex: false };
  const writer = await parquetjs.ParquetWriter.openStream(schema, out, options);
  for (const row of rows) await writer.appendRow({ ts: row.tsMs, mt: row.mt, m: row.m, ts_recv: row.tsRecvUs, seq: row.seq });
  await writer.close();
  return await bytes;
}

export interface FixtureOptions {
  readonly dir: string;
  readonly rows: readonly Row[];
  readonly startUs?: number;
  readonly bytes?: Buffer;
  readonly writer?: Manifest['writer']['name'];
  readonly compression?: Manifest['compression'];
  readonly predecessor?: Manifest['predecessor'];
  readonly database?: string;
  readonly table?: string;
  /** Rows that the manifest is made from. @default `rows` */
  readonly claimed?: readonly Row[];
}

export interface Fixture {
  readonly path: string;
  readonly relativePath: string;
  readonly manifestPath: string;
  readonly manifest: Manifest;
  readonly bytes: Buffer;
}

/** Writes a Parquet file and an honest manifest (unless `claimed` differs) where an export would. */
export async function writeFixture(options: FixtureOptions): Promise<Fixture> {
  const { dir, rows, startUs = START_US } = options;
  const relativePath = toExportPath(BTC, startUs);
  const path = join(dir, relativePath);
  const bytes = options.bytes ?? (await toParquet(rows));
  const manifest = await toManifest(options, bytes, relativePath);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  await writeFile(toManifestPath(path), JSON.stringify(manifest));
  return { path, relativePath, manifestPath: toManifestPath(path), manifest, bytes };
}

async function toManifest(options: FixtureOptions, bytes: Buffer, relativePath: string): Promise<Manifest> {
  const { rows, startUs = START_US, claimed = rows } = options;
  const digest = (await loadRowDigest())();
  for (const row of claimed) digest.add(row);
  const bound = (pick: (row: Row) => number, of: (...values: number[]) => number): number | null =>
    claimed.length === 0 ? null : of(...claimed.map(pick));
  return {
    formatVersion: 1,
    symbol: BTC,
    epoch: { start: iso(startUs), end: iso(startUs + HOUR_US), startUs, endUs: startUs + HOUR_US },
    rows: claimed.length,
    rowsByType: {
      t: claimed.filter((row) => row.mt === 't').length,
      d: claimed.filter((row) => row.mt === 'd').length,
      dp: claimed.filter((row) => row.mt === 'dp').length,
      dl: claimed.filter((row) => row.mt === 'dl').length,
    },
    firstSeq: claimed[0]?.seq ?? 0,
    lastSeq: claimed.at(-1)?.seq ?? 0,
    minTsMs: bound((row) => row.tsMs, Math.min),
    maxTsMs: bound((row) => row.tsMs, Math.max),
    minTsRecvUs: bound((row) => row.tsRecvUs, Math.min),
    maxTsRecvUs: bound((row) => row.tsRecvUs, Math.max),
    digest: digest.value(),
    file: { name: relativePath.split('/').at(-1)!, bytes: bytes.length, sha256: sha256(bytes) },
    parquetSchema: { ...PARQUET_SCHEMA },
    writer: { name: options.writer ?? 'parquetjs', version: '0.8.7' },
    compression: options.compression ?? 'snappy',
    source: { database: options.database ?? 'mexc', table: options.table ?? 'btc_previous' },
    gaps: [],
    rotation: null,
    egress: null,
    predecessor: options.predecessor ?? null,
    createdAt: '2026-11-22T14:00:01.000Z',
  };
}

const iso = (us: number): string => new Date(us / 1000).toISOString().replace('Z', '000Z');

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
