import { z } from 'zod';
import { rotationReportSchema } from './manifest.ts';

const micros = z.int().nonnegative();
const egressSchema = z.strictObject({ route: z.string(), exitIp: z.string().nullable() });

/** A rotated epoch that is not proven yet: its table still exists. Oldest first. */
export const pendingEpochSchema = z.strictObject({
  table: z.string(),
  startUs: micros,
  endUs: micros,
  report: rotationReportSchema.nullable(),
  /** Route and exit address of the lane that acknowledged the boundary; null when none did. */
  egress: egressSchema.nullable().default(null),
});
export type PendingEpoch = z.output<typeof pendingEpochSchema>;

/**
 * `<home>/rotation/<base>.json`, written by the rotator (and, for `pending`, by the archive) only.
 *
 * `idle`: rows go to current. `announced`: the lane shall hold rows from `boundaryUs` on and acknowledge `attempt`.
 * `rotating`: the acknowledgement was seen; the tables are being renamed. After that the phase is `idle` again with
 * `epochStartUs` = the boundary.
 */
export const rotationStateSchema = z.strictObject({
  formatVersion: z.literal(1),
  symbol: z.string(),
  phase: z.enum(['idle', 'announced', 'rotating']),
  /** Start of the epoch that current holds; null until it is known (no row yet). */
  epochStartUs: micros.nullable(),
  attempt: z.string().nullable(),
  boundaryUs: micros.nullable(),
  pending: z.array(pendingEpochSchema),
});
export type RotationState = z.output<typeof rotationStateSchema>;

/** `<home>/rotation/<base>.ack.json`, written by the lane only. */
export const rotationAckSchema = z.strictObject({
  formatVersion: z.literal(1),
  attempt: z.string(),
  /**
   * `held`: every row before the boundary is in the store, none after it. `withdrawn`: the lane waited too long and goes on
   * in the current table; the rotator must ask anew. `late`: the lane had already inserted rows after the boundary.
   * `released`: the tables were rotated and the hold is over.
   */
  outcome: z.enum(['held', 'withdrawn', 'late', 'released']),
  /** Last seq before the boundary; 0 when there is none. */
  lastSeq: z.int().nonnegative(),
  report: rotationReportSchema.nullable(),
  /** Route and exit address of the lane, for the manifest. */
  egress: egressSchema,
});
export type RotationAck = z.output<typeof rotationAckSchema>;
