import type { Manifest } from './manifest.ts';

/**
 * Columns of an exported file, in order, with their Parquet types: repetition, physical type, logical type. Every writer
 * must produce them and the verifier must find them, whatever defaults a server has (docs/formats/parquet.md).
 *
 * Version history: 1 (2026-11) first.
 */
export const PARQUET_SCHEMA = {
  ts: 'REQUIRED INT64 TIMESTAMP(MILLIS,UTC)',
  mt: 'REQUIRED BYTE_ARRAY STRING',
  m: 'REQUIRED BYTE_ARRAY STRING',
  ts_recv: 'REQUIRED INT64 TIMESTAMP(MICROS,UTC)',
  seq: 'REQUIRED INT64 UINT(64)',
} as const satisfies Manifest['parquetSchema'];
