import {
  listExports,
  listGaps,
  readTableFacts,
  type Clock,
  type ContractSymbol,
  type Gap,
  type Manifest,
  type PendingEpoch,
  type Store,
  type Telemetry,
} from '@mexc-toolkit/core';
import { buildManifest } from './build-manifest.ts';
import { discardTemporary, prepareTarget, publish, syncTarget, toExportTarget, type ExportTarget } from './export-target.ts';
import { toOrderQuery } from './parquet-query.ts';
import { findPredecessor } from './predecessor.ts';
import { openWriter, type WriterName } from './writers/writer.ts';
import { writeDurably } from './write-file.ts';

/** Points of an export after which the process may die. `published`: the Parquet file has its final name, the manifest not yet. */
export type ExportStep = 'prepared' | 'written' | 'described' | 'published' | 'complete';

export interface ExportOptions {
  readonly store: Store;
  readonly exportDir: string;
  readonly symbol: ContractSymbol;
  /** What to export: its table, and the epoch that the table holds. */
  readonly pending: PendingEpoch;
  /** @default 'clickhouse' */
  readonly writer?: WriterName | undefined;
  /** @default 'zstd', and 'snappy' with the writer parquetjs, which has no zstd */
  readonly compression?: Manifest['compression'] | undefined;
  /** @default what `gap_log` knows of the epoch */
  readonly gaps?: readonly Gap[] | undefined;
  /** Route and exit address of the lane that recorded the epoch; null when nobody knows. */
  readonly egress: Manifest['egress'];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly telemetry: Telemetry;
  /** Called as the file grows; `rows` counts only with the writer parquetjs. */
  readonly onProgress?:
    | ((progress: { readonly rows: number; readonly totalRows: number; readonly bytes: number }) => void)
    | undefined;
  /** Called after each step; what it throws ends the export there. For crash tests. */
  readonly crashPoint?: ((step: ExportStep) => void) | undefined;
}

export interface ExportReport {
  readonly symbol: ContractSymbol;
  readonly path: string;
  /** Relative to the export directory, as in `export_log`. */
  readonly relativePath: string;
  readonly manifestPath: string;
  readonly manifest: Manifest;
  readonly rows: number;
  readonly bytes: number;
  readonly durationMs: number;
}

/**
 * Writes a rotated epoch as a Parquet file with its manifest (docs/formats/parquet.md, manifest.md).
 *
 * Keeps I7: each of the two files appears under its final name only when it is complete and durable. The Parquet file comes
 * first. Killed between the two, the new file stands beside no manifest or an old one, whose sha256 differs: never a `match`,
 * so nothing is dropped, and exporting again finishes the work. Safe to repeat at any time while the table exists; the files
 * of an earlier export are replaced, each at once. On any error no file appears and no temporary file stays.
 *
 * @throws {CaptureError} `EXPORT_UNWRITABLE`, `USAGE_INVALID` (see {@link WriterName}), or what the store throws
 */
export async function exportEpoch(options: ExportOptions): Promise<ExportReport> {
  const { store, symbol, pending, clock, signal } = options;
  const startedMs = clock.monotonic();
  const writer = openWriter(options.writer ?? 'clickhouse', options.compression);
  const target = toExportTarget(options.exportDir, symbol, pending.startUs);
  await prepareTarget(target);
  options.crashPoint?.('prepared');
  try {
    // The digest of the table and the file are made side by side: neither is made from the other.
    const [facts, file] = await together(signal, (both) => [
      readTableFacts(store, pending.table, both),
      writeRows(options, { target, writer, signal: both }),
    ]);
    options.crashPoint?.('written');
    const manifest = buildManifest({
      symbol,
      pending,
      facts,
      file,
      database: store.database,
      writer: { name: writer.name, version: await writer.readVersion(store, signal) },
      compression: writer.compression,
      gaps: options.gaps ?? (await listGaps(store, symbol, pending)),
      egress: options.egress,
      predecessor: findPredecessor(await listExports(store, symbol, signal), pending.startUs),
      createdMs: clock.now(),
    });
    await writeDurably(target.temporaryManifestPath, oneChunk(`${JSON.stringify(manifest, null, 2)}\n`), { signal });
    options.crashPoint?.('described');
    await publish(target.temporaryPath, target.path);
    options.crashPoint?.('published');
    await publish(target.temporaryManifestPath, target.manifestPath);
    await syncTarget(target);
    options.crashPoint?.('complete');
    options.telemetry.event('epoch.exported', { symbol, path: target.relativePath, rows: facts.rows });
    const { path, relativePath, manifestPath } = target;
    const durationMs = clock.monotonic() - startedMs;
    return { symbol, path, relativePath, manifestPath, manifest, rows: facts.rows, bytes: file.bytes, durationMs };
  } catch (error) {
    await discardTemporary(target);
    throw error;
  }
}

interface Writing {
  readonly target: ExportTarget;
  readonly writer: ReturnType<typeof openWriter>;
  readonly signal: AbortSignal;
}

async function writeRows(options: ExportOptions, { target, writer, signal }: Writing): Promise<Manifest['file']> {
  const { store, pending, onProgress } = options;
  let rows = 0;
  const { inOrder, totalRows } = await readOrder(store, pending.table, signal);
  const content = writer.write({ store, table: pending.table, inOrder, signal, onRows: (count) => (rows = count) });
  const onBytes = onProgress && ((bytes: number): void => onProgress({ rows, totalRows, bytes }));
  const written = await writeDurably(target.temporaryPath, content, { signal, onBytes });
  const name = target.path.slice(target.path.lastIndexOf('/') + 1);
  return { name, ...written };
}

async function readOrder(
  store: Store,
  table: string,
  signal: AbortSignal,
): Promise<{ readonly inOrder: boolean; readonly totalRows: number }> {
  const [row] = await store.query(toOrderQuery({ database: store.database, table }), { signal });
  return { inOrder: Number(row?.['breaks']) === 0, totalRows: Number(row?.['rows']) };
}

/** Runs two pieces of work side by side. When one fails the other is aborted, and has ended before the error goes on. */
async function together<A, B>(signal: AbortSignal, start: (both: AbortSignal) => [Promise<A>, Promise<B>]): Promise<[A, B]> {
  const failed = new AbortController();
  const work = start(AbortSignal.any([signal, failed.signal]));
  try {
    return await Promise.all(work);
  } catch (error) {
    failed.abort();
    await Promise.allSettled(work);
    throw error;
  }
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
