const HOUR_US = 3_600_000_000;

/**
 * Start of the epoch that current holds when no state tells it: the hour of its first row, but never before the end of the
 * last epoch that was exported. An empty table begins with the hour that ends at, or contains, the boundary.
 */
export function deriveEpochStart(facts: {
  readonly firstTsRecvUs: number | null;
  readonly lastExportedEndUs: number;
  readonly boundaryUs: number;
}): number {
  const first = Math.min(facts.firstTsRecvUs ?? facts.boundaryUs - 1, facts.boundaryUs - 1);
  const hour = Math.floor(first / HOUR_US) * HOUR_US;
  return Math.max(hour, facts.lastExportedEndUs);
}
