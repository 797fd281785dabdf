import { z } from 'zod';
import { CaptureError } from '../errors/capture-error.ts';

const count = z.int().nonnegative();
const micros = z.int().nonnegative();
/** Unsigned 64-bit as decimal text: JSON numbers do not hold 64 bits. */
const uint64 = z.string().regex(/^\d{1,20}$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** An interval in which something was lost or may have been (gap_log). */
export const gapSchema = z.strictObject({ kind: z.string(), startedUs: micros, endedUs: micros, detail: z.string() });
export type Gap = z.output<typeof gapSchema>;

/** How a rotation went, as measured by the lane. All durations in milliseconds. */
export const rotationReportSchema = z.strictObject({
  attempt: z.string(),
  /** By whom the boundary was acknowledged: the live lane, or nobody because it was stopped. */
  acknowledgedBy: z.enum(['lane', 'nobody']),
  heldMs: z.number().nonnegative(),
  drainMs: z.number().nonnegative(),
  bufferedRows: count,
  arrivedDuringHold: count,
});
export type RotationReport = z.output<typeof rotationReportSchema>;

/**
 * The manifest beside a Parquet file: what the file holds and how that was established (docs/formats/manifest.md).
 *
 * Version history: 1 (2026-11) first.
 */
export const manifestSchema = z.strictObject({
  formatVersion: z.literal(1),
  symbol: z.string(),
  epoch: z.strictObject({ start: z.string(), end: z.string(), startUs: micros, endUs: micros }),
  rows: count,
  rowsByType: z.strictObject({ t: count, d: count, dp: count, dl: count }),
  /** 0 and 0 for an epoch without rows; the chain then passes through `predecessor.lastSeq`. */
  firstSeq: count,
  lastSeq: count,
  minTsMs: count.nullable(),
  maxTsMs: count.nullable(),
  minTsRecvUs: micros.nullable(),
  maxTsRecvUs: micros.nullable(),
  digest: uint64,
  file: z.strictObject({ name: z.string().regex(/^[A-Za-z0-9_.-]+$/), bytes: count, sha256 }),
  /** Column name → Parquet type, as the reader must find them. */
  parquetSchema: z.record(z.string(), z.string()),
  writer: z.strictObject({ name: z.enum(['clickhouse', 'parquetjs']), version: z.string() }),
  compression: z.enum(['zstd', 'snappy', 'gzip', 'none']),
  source: z.strictObject({ database: z.string(), table: z.string() }),
  gaps: z.array(gapSchema),
  rotation: rotationReportSchema.nullable(),
  egress: z.strictObject({ route: z.string(), exitIp: z.string().nullable() }).nullable(),
  /** The epoch before this one; null for the first of a symbol. */
  predecessor: z.strictObject({ file: z.string().nullable(), lastSeq: count }).nullable(),
  createdAt: z.string(),
});
export type Manifest = z.output<typeof manifestSchema>;

/**
 * Reads a manifest's text.
 *
 * @throws {CaptureError} `MANIFEST_INVALID`
 */
export function parseManifest(text: string, path: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CaptureError('MANIFEST_INVALID', `${path} is not JSON`, { cause, context: { path } });
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.') || 'manifest'}: ${issue.message}`);
  throw new CaptureError('MANIFEST_INVALID', `${path}: ${problems.join('; ')}`, { context: { path } });
}

/** The manifest of `…/x.parquet` is `…/x.manifest.json`. */
export const toManifestPath = (parquetPath: string): string => parquetPath.replace(/\.parquet$/, '.manifest.json');
