import type { Gap } from '../formats/manifest.ts';
import type { ContractSymbol } from '../vocabulary/symbol.ts';
import type { Epoch } from '../vocabulary/epoch.ts';
import type { Store } from './clickhouse-store.ts';
import { tableName } from './identifiers.ts';

/** One row of `export_log`: a file whose verdict is known. */
export interface ExportRecord {
  readonly symbol: ContractSymbol;
  readonly epoch: Epoch;
  readonly exportedMs: number;
  /** Relative to the export directory. */
  readonly filepath: string;
  readonly rows: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly sha256: string;
  readonly digest: string;
  readonly verdict: string;
}

/** Writes a record unless an equal one (symbol, epoch start, sha256) is there: safe to repeat. */
export async function recordExport(store: Store, record: ExportRecord, signal?: AbortSignal): Promise<void> {
  const known = await listExports(store, record.symbol, signal);
  if (
    known.some(
      (other) =>
        other.epoch.startUs === record.epoch.startUs && other.sha256 === record.sha256 && other.verdict === record.verdict,
    )
  )
    return;
  const line = {
    symbol: record.symbol,
    hour_start: Math.floor(record.epoch.startUs / 1_000_000),
    export_time: record.exportedMs,
    filepath: record.filepath,
    row_count: record.rows,
    epoch_start: record.epoch.startUs,
    epoch_end: record.epoch.endUs,
    first_seq: record.firstSeq,
    last_seq: record.lastSeq,
    sha256: record.sha256,
    digest: record.digest,
    verdict: record.verdict,
  };
  await store.insert(
    `INSERT INTO ${tableName(store.database, 'export_log')} FORMAT JSONEachRow`,
    [Buffer.from(JSON.stringify(line))],
    { signal },
  );
}

/** Every record of a symbol, oldest epoch first. */
export async function listExports(store: Store, symbol: ContractSymbol, signal?: AbortSignal): Promise<ExportRecord[]> {
  const rows = await store.query(
    `SELECT toUnixTimestamp64Micro(epoch_start) AS start_us, toUnixTimestamp64Micro(epoch_end) AS end_us, toUnixTimestamp64Milli(export_time) AS exported_ms,
       filepath, row_count, first_seq, last_seq, sha256, toString(digest) AS digest, verdict
     FROM ${tableName(store.database, 'export_log')} WHERE symbol = {symbol:String} ORDER BY epoch_start, export_time`,
    { params: { symbol }, signal },
  );
  return rows.map((row) => ({
    symbol,
    epoch: { startUs: Number(row['start_us']), endUs: Number(row['end_us']) },
    exportedMs: Number(row['exported_ms']),
    filepath: String(row['filepath']),
    rows: Number(row['row_count']),
    firstSeq: Number(row['first_seq']),
    lastSeq: Number(row['last_seq']),
    sha256: String(row['sha256']),
    digest: String(row['digest']),
    verdict: String(row['verdict']),
  }));
}

/** Writes a gap unless an equal one is there: safe to repeat after an unknown outcome. */
export async function recordGap(
  store: Store,
  { symbol, gap }: { readonly symbol: ContractSymbol; readonly gap: Gap },
  signal?: AbortSignal,
): Promise<void> {
  const params = { symbol, kind: gap.kind, detail: gap.detail, started: String(gap.startedUs), ended: String(gap.endedUs) };
  const table = tableName(store.database, 'gap_log');
  const [row] = await store.query(
    `SELECT count() AS n FROM ${table} WHERE symbol = {symbol:String} AND kind = {kind:String} AND detail = {detail:String}
       AND toUnixTimestamp64Micro(started) = {started:Int64} AND toUnixTimestamp64Micro(ended) = {ended:Int64}`,
    { params, signal },
  );
  if (Number(row?.['n']) > 0) return;
  const line = { symbol, kind: gap.kind, started: gap.startedUs, ended: gap.endedUs, detail: gap.detail };
  await store.insert(`INSERT INTO ${table} FORMAT JSONEachRow`, [Buffer.from(JSON.stringify(line))], { signal });
}

/** Gaps of a symbol that touch `epoch`, in order. */
export async function listGaps(store: Store, symbol: ContractSymbol, epoch: Epoch): Promise<Gap[]> {
  const rows = await store.query(
    `SELECT kind, toUnixTimestamp64Micro(started) AS started_us, toUnixTimestamp64Micro(ended) AS ended_us, detail
     FROM ${tableName(store.database, 'gap_log')} WHERE symbol = {symbol:String}
       AND toUnixTimestamp64Micro(started) < {end:Int64} AND toUnixTimestamp64Micro(ended) >= {start:Int64} ORDER BY started, ended, kind`,
    { params: { symbol, start: String(epoch.startUs), end: String(epoch.endUs) } },
  );
  return rows.map((row) => ({
    kind: String(row['kind']),
    startedUs: Number(row['started_us']),
    endedUs: Number(row['ended_us']),
    detail: String(row['detail']),
  }));
}
