import {
  PARQUET_SCHEMA,
  type ContractSymbol,
  type Gap,
  type Manifest,
  type PendingEpoch,
  type TableFacts,
} from '@mexc-toolkit/core';

/** Everything a manifest is made of. */
export interface ManifestParts {
  readonly symbol: ContractSymbol;
  readonly pending: PendingEpoch;
  readonly database: string;
  /** Facts of the table, not of the file: the verifier compares the two (I7). */
  readonly facts: TableFacts;
  readonly file: Manifest['file'];
  readonly writer: Manifest['writer'];
  readonly compression: Manifest['compression'];
  readonly gaps: readonly Gap[];
  readonly egress: Manifest['egress'];
  readonly predecessor: Manifest['predecessor'];
  /** Wall clock, milliseconds. */
  readonly createdMs: number;
}

/** Puts a manifest together (docs/formats/manifest.md). */
export function buildManifest(parts: ManifestParts): Manifest {
  const { symbol, pending, facts } = parts;
  const { startUs, endUs } = pending;
  return {
    formatVersion: 1,
    symbol,
    epoch: { start: toIsoMicros(startUs), end: toIsoMicros(endUs), startUs, endUs },
    rows: facts.rows,
    rowsByType: facts.rowsByType,
    firstSeq: facts.rows === 0 ? 0 : facts.firstSeq,
    lastSeq: facts.rows === 0 ? 0 : facts.lastSeq,
    minTsMs: facts.minTsMs,
    maxTsMs: facts.maxTsMs,
    minTsRecvUs: facts.minTsRecvUs,
    maxTsRecvUs: facts.maxTsRecvUs,
    digest: facts.digest,
    file: parts.file,
    parquetSchema: { ...PARQUET_SCHEMA },
    writer: parts.writer,
    compression: parts.compression,
    source: { database: parts.database, table: pending.table },
    gaps: [...parts.gaps],
    rotation: pending.report,
    egress: parts.egress,
    predecessor: parts.predecessor,
    createdAt: new Date(parts.createdMs).toISOString(),
  };
}

/** `2026-11-22T13:00:00.000000Z`; always six digits, so that texts compare as times do. */
export function toIsoMicros(us: number): string {
  const seconds = new Date(Math.floor(us / 1000)).toISOString().slice(0, 19);
  return `${seconds}.${String(us % 1_000_000).padStart(6, '0')}Z`;
}
