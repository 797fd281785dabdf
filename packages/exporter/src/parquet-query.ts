import { ROW_COLUMNS, tableName, type Manifest } from '@mexc-toolkit/core';

/** Rows of a row group at most, but for the size of one block of the server (65,409 rows). Bounds what a reader holds (I10). */
export const ROW_GROUP_ROWS = 50_000;
const ROW_GROUP_BYTES = 64 * 1024 * 1024;
/** Enough for `mt` and a coarse `ts`; `seq` and `ts_recv` repeat nothing, and a dictionary only made the file 7 % larger. */
const DICTIONARY_BYTES = 64 * 1024;
/** Above this a sort goes on in files of the server instead of its memory (I10). */
const SORT_MEMORY_BYTES = 256 * 1024 * 1024;

/** What to read, and whether its rows are known to be stored by seq. */
export interface QuerySource {
  readonly database: string;
  readonly table: string;
  readonly inOrder: boolean;
}

/**
 * Settings that decide what the file looks like. Their defaults changed over the versions of ClickHouse (String as binary,
 * lz4, DateTime as integer), so none is left to the server. No Bloom filters: they would be a quarter of the file, and no
 * column is looked up by equality.
 */
function parquetSettings(compression: Manifest['compression']): Readonly<Record<string, string>> {
  return {
    output_format_parquet_compression_method: `'${compression}'`,
    output_format_parquet_row_group_size: String(ROW_GROUP_ROWS),
    output_format_parquet_row_group_size_bytes: String(ROW_GROUP_BYTES),
    output_format_parquet_data_page_size: String(1024 * 1024),
    output_format_parquet_max_dictionary_size: String(DICTIONARY_BYTES),
    output_format_parquet_string_as_string: '1',
    output_format_parquet_datetime_as_uint32: '0',
    output_format_parquet_write_page_index: '1',
    output_format_parquet_write_bloom_filter: '0',
    output_format_parquet_write_checksums: '1',
    output_format_parquet_version: "'2.latest'",
    output_format_parquet_use_custom_encoder: '1',
    output_format_parquet_parallel_encoding: '1',
  };
}

/** Names the pinned settings that a server knows; older ones lack some, and an unknown name would fail the statement. */
export const KNOWN_SETTINGS_SQL = "SELECT name FROM system.settings WHERE startsWith(name, 'output_format_parquet_')";

/**
 * The statement whose answer is the Parquet file: columns in order, rows by seq, `mt` as text.
 *
 * @param known names that the server answered to {@link KNOWN_SETTINGS_SQL}
 */
export function toParquetQuery(source: QuerySource, compression: Manifest['compression'], known: ReadonlySet<string>): string {
  const settings = Object.entries(parquetSettings(compression))
    .filter(([name]) => known.has(name))
    .map(([name, value]) => `${name} = ${value}`);
  const { order, setting } = toOrder(source);
  return `SELECT ts, toString(mt) AS mt, m, ts_recv, seq FROM ${tableName(source.database, source.table)} ${order}
    SETTINGS ${[...settings, setting].join(', ')} FORMAT Parquet`;
}

/** The statement whose answer is every row in RowBinary, by seq (core, row-binary.ts). */
export function toRowsQuery(source: QuerySource): string {
  const { order, setting } = toOrder(source);
  return `SELECT ${ROW_COLUMNS} FROM ${tableName(source.database, source.table)} ${order} SETTINGS ${setting} FORMAT RowBinary`;
}

/**
 * How the table is stored: `breaks` is 0 when it is by seq without a gap, as a lane writes it. One thread reads blocks in the
 * order in which they were written; only the column seq is read.
 */
export function toOrderQuery({ database, table }: Omit<QuerySource, 'inOrder'>): string {
  return `SELECT count() AS rows, max(shift) - min(shift) AS breaks
    FROM (SELECT toInt64(seq) - toInt64(rowNumberInAllBlocks()) AS shift FROM ${tableName(database, table)}) SETTINGS max_threads = 1`;
}

/** One stream reads the table, hence in its order; the pages of the file are still encoded by several threads. */
const ONE_STREAM = 'max_streams_to_max_threads_ratio = 0';

/** A sort holds the rows of an epoch in memory, 700 bytes each and more; reading in the order of the table holds a few blocks. */
function toOrder({ inOrder }: QuerySource): { readonly order: string; readonly setting: string } {
  return inOrder
    ? { order: '', setting: ONE_STREAM }
    : { order: 'ORDER BY seq', setting: `max_bytes_before_external_sort = ${SORT_MEMORY_BYTES}` };
}
