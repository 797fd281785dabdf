import { listGaps, parseSymbol, type Gap, type Store } from '@mexc-toolkit/core';

export interface StoredRow {
  readonly seq: number;
  readonly mt: string;
  readonly m: string;
  readonly tsMs: number;
  readonly tsRecvUs: number;
  readonly table: string;
}

/** Every row of a symbol in current and every previous table, in the order of seq. */
export async function readStored(store: Store, base: string): Promise<StoredRow[]> {
  const rows = await store.query(
    `SELECT seq, mt, m, toUnixTimestamp64Milli(ts) AS ts_ms, toUnixTimestamp64Micro(ts_recv) AS recv_us, _table AS table
     FROM merge('${store.database}', '^${base}_(current|previous.*)$') ORDER BY seq, recv_us`,
  );
  return rows.map((row) => ({
    seq: Number(row['seq']),
    mt: String(row['mt']),
    m: String(row['m']),
    tsMs: Number(row['ts_ms']),
    tsRecvUs: Number(row['recv_us']),
    table: String(row['table']),
  }));
}

export interface Facts {
  readonly rows: number;
  readonly digest: string;
}

/** Count and digest as the simulator's journal has them: the sum of xxHash64 of each frame. */
export async function readFacts(store: Store, base: string): Promise<Facts> {
  const [row] = await store.query(
    `SELECT count() AS n, sum(xxHash64(m)) AS digest FROM merge('${store.database}', '^${base}_(current|previous.*)$')`,
  );
  return { rows: Number(row!['n']), digest: String(row!['digest']) };
}

/** Seqs that break `1, 2, 3 …`, and rows whose ts_recv is not later than that of the row before. Empty when I3 and I6 hold. */
export function findBreaks(rows: readonly StoredRow[], firstSeq = 1): string[] {
  return rows.flatMap((row, index) => {
    const before = rows[index - 1];
    const breaks: string[] = [];
    if (row.seq !== firstSeq + index) breaks.push(`seq ${row.seq} at place ${index}`);
    if (before && row.tsRecvUs <= before.tsRecvUs) breaks.push(`ts_recv of seq ${row.seq} is not later than the one before`);
    return breaks;
  });
}

/** Rows that are not, in this order, among `frames`; each frame counts once. Empty when nothing was made up, changed or doubled. */
export function findForeign(rows: readonly StoredRow[], frames: readonly string[]): string[] {
  let from = 0;
  return rows.flatMap((row) => {
    const at = frames.indexOf(row.m, from);
    if (at === -1) return [`seq ${row.seq}: ${row.m.slice(0, 120)}`];
    from = at + 1;
    return [];
  });
}

const ALWAYS = { startUs: 0, endUs: 9_000_000_000_000_000 };

export const readGaps = (store: Store, symbol: string): Promise<Gap[]> => listGaps(store, parseSymbol(symbol), ALWAYS);
