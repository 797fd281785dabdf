const HOUR_US = 3_600_000_000;

/**
 * Start of an epoch when no state tells it: the hour of its first row, but never before the end of an epoch that lies before
 * that row. A table without rows begins with the hour that ends at, or contains, the boundary.
 */
export function deriveEpochStart(facts: {
  readonly firstTsRecvUs: number | null;
  /** Ends of the other epochs that are known: exported, or pending. */
  readonly knownEndsUs: readonly number[];
  readonly boundaryUs: number;
}): number {
  const first = Math.min(facts.firstTsRecvUs ?? facts.boundaryUs - 1, facts.boundaryUs - 1);
  const hour = Math.floor(first / HOUR_US) * HOUR_US;
  return Math.max(hour, ...facts.knownEndsUs.filter((endUs) => endUs <= first));
}
