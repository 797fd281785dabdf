import type { Base } from '../vocabulary/symbol.ts';
import type { Store } from './clickhouse-store.ts';
import { quoteIdentifier, tableName } from './identifiers.ts';

/** Columns of a symbol's tables (docs/architecture.md#storage). */
const ROW_TABLE = `(
  ts      DateTime64(3, 'UTC'),
  mt      Enum8('t' = 1, 'd' = 2, 'dp' = 3, 'dl' = 4),
  m       String,
  ts_recv DateTime64(6, 'UTC'),
  seq     UInt64
) ENGINE = StripeLog`;

const EXPORT_LOG = `(
  symbol String, hour_start DateTime('UTC'), export_time DateTime64(3, 'UTC'), filepath String, row_count UInt64,
  epoch_start DateTime64(6, 'UTC'), epoch_end DateTime64(6, 'UTC'), first_seq UInt64, last_seq UInt64,
  sha256 String, digest UInt64, verdict LowCardinality(String)
) ENGINE = MergeTree ORDER BY (symbol, hour_start) PARTITION BY toYYYYMM(hour_start)`;

const GAP_LOG = `(
  symbol String, kind LowCardinality(String),
  started DateTime64(6, 'UTC'), ended DateTime64(6, 'UTC'), detail String
) ENGINE = MergeTree ORDER BY (symbol, started) PARTITION BY toYYYYMM(started)`;

export const currentTable = (base: Base): string => `${base}_current`;
export const previousTable = (base: Base): string => `${base}_previous`;
/** Epoch name after `<base>_previous_`, as a regular expression: `btc_previous_current` is the table of another symbol. */
export const ASIDE_SUFFIX = '[0-9]{8}T[0-9]{6}(_[0-9]{6})?Z';
export const nextTable = (base: Base): string => `${base}_next`;

/** Makes the database and the log tables. Safe to repeat. */
export async function createDatabase(store: Store, signal?: AbortSignal): Promise<void> {
  await store.command(`CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(store.database)}`, { signal });
  await store.command(`CREATE TABLE IF NOT EXISTS ${tableName(store.database, 'export_log')} ${EXPORT_LOG}`, { signal });
  await store.command(`CREATE TABLE IF NOT EXISTS ${tableName(store.database, 'gap_log')} ${GAP_LOG}`, { signal });
}

/** Makes an empty table for rows of one symbol. Safe to repeat. */
export async function createRowTable(store: Store, table: string, signal?: AbortSignal): Promise<void> {
  await store.command(`CREATE TABLE IF NOT EXISTS ${tableName(store.database, table)} ${ROW_TABLE}`, { signal });
}
