import type { LaneStatus } from '@mexc-toolkit/collector';

/** Whether a value is a status that a lane of this version wrote. */
export function isLaneStatus(value: unknown): value is LaneStatus {
  return (
    typeof value === 'object' &&
    value !== null &&
    'formatVersion' in value &&
    value.formatVersion === 1 &&
    'symbols' in value &&
    Array.isArray(value.symbols)
  );
}
