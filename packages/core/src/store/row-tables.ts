import { ROW_COLUMNS } from '../formats/row-binary.ts';
import { ROW_DIGEST_SQL } from '../formats/row-digest.ts';
import type { Base } from '../vocabulary/symbol.ts';
import { CaptureError } from '../errors/capture-error.ts';
import type { Store } from './clickhouse-store.ts';
import { tableName } from './identifiers.ts';
import { ASIDE_SUFFIX, currentTable, previousTable } from './schema.ts';

/** What a table of rows holds, as the store counts it. Null bounds when it is empty. */
export interface TableFacts {
  readonly rows: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly distinctSeqs: number;
  readonly rowsByType: { readonly t: number; readonly d: number; readonly dp: number; readonly dl: number };
  readonly minTsMs: number | null;
  readonly maxTsMs: number | null;
  readonly minTsRecvUs: number | null;
  readonly maxTsRecvUs: number | null;
  /** See row-digest.ts. */
  readonly digest: string;
}

/** One INSERT of whole payloads, in order. `queryId` lets a later statement ask whether it still runs. */
export async function insertPayloads(
  store: Store,
  table: string,
  insert: { readonly payloads: readonly Uint8Array[]; readonly queryId: string; readonly signal?: AbortSignal },
): Promise<void> {
  const sql = `INSERT INTO ${tableName(store.database, table)} (${ROW_COLUMNS}) FORMAT RowBinary`;
  await store.insert(sql, insert.payloads, { queryId: insert.queryId, signal: insert.signal });
}

/** Ends (or waits for the end of) every running statement whose query id starts with `prefix`; after it none is left. */
export async function settleStatements(store: Store, prefix: string, signal?: AbortSignal): Promise<void> {
  await store.command('KILL QUERY WHERE startsWith(query_id, {prefix:String}) SYNC', { params: { prefix }, signal });
}

/** Tables of rows of `base` that exist: current, and every previous one. */
export async function listRowTables(store: Store, base: Base, signal?: AbortSignal): Promise<string[]> {
  const rows = await store.query(
    `SELECT name FROM system.tables WHERE database = {database:String} AND engine = 'StripeLog'
       AND (name IN ({current:String}, {previous:String}) OR match(name, {aside:String})) ORDER BY name`,
    {
      params: {
        database: store.database,
        current: currentTable(base),
        previous: previousTable(base),
        aside: `^${previousTable(base)}_${ASIDE_SUFFIX}$`,
      },
      signal,
    },
  );
  return rows.map((row) => String(row['name']));
}

/** Highest seq and ts_recv of a table; zeros when it is empty. */
export async function readWatermark(
  store: Store,
  table: string,
  signal?: AbortSignal,
): Promise<{ readonly lastSeq: number; readonly lastTsRecvUs: number }> {
  const [row] = await store.query(
    `SELECT max(seq) AS last_seq, toUnixTimestamp64Micro(max(ts_recv)) AS last_us, count() AS n FROM ${tableName(store.database, table)}`,
    { signal },
  );
  if (!row) throw new CaptureError('STORE_REFUSED', `no answer row for the watermark of ${table}`);
  return Number(row['n']) === 0
    ? { lastSeq: 0, lastTsRecvUs: 0 }
    : { lastSeq: Number(row['last_seq']), lastTsRecvUs: Number(row['last_us']) };
}

/** Counts, bounds and digest of a table, in one pass. */
export async function readTableFacts(store: Store, table: string, signal?: AbortSignal): Promise<TableFacts> {
  const [row] = await store.query(
    `SELECT count() AS rows, min(seq) AS first_seq, max(seq) AS last_seq, uniqExact(seq) AS distinct_seqs,
       countIf(mt = 't') AS t, countIf(mt = 'd') AS d, countIf(mt = 'dp') AS dp, countIf(mt = 'dl') AS dl,
       toUnixTimestamp64Milli(min(ts)) AS min_ts, toUnixTimestamp64Milli(max(ts)) AS max_ts,
       toUnixTimestamp64Micro(min(ts_recv)) AS min_recv, toUnixTimestamp64Micro(max(ts_recv)) AS max_recv,
       ${ROW_DIGEST_SQL} AS digest FROM ${tableName(store.database, table)}`,
    { signal },
  );
  if (!row) throw new CaptureError('STORE_REFUSED', `no answer row for the facts of ${table}`);
  const rows = Number(row['rows']);
  const bound = (name: string): number | null => (rows === 0 ? null : Number(row[name]));
  return {
    rows,
    firstSeq: Number(row['first_seq']),
    lastSeq: Number(row['last_seq']),
    distinctSeqs: Number(row['distinct_seqs']),
    rowsByType: { t: Number(row['t']), d: Number(row['d']), dp: Number(row['dp']), dl: Number(row['dl']) },
    minTsMs: bound('min_ts'),
    maxTsMs: bound('max_ts'),
    minTsRecvUs: bound('min_recv'),
    maxTsRecvUs: bound('max_recv'),
    digest: String(row['digest']),
  };
}
