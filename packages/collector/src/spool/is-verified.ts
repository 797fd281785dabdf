import type { SeqRange } from './spool.ts';

/** Whether every seq of `range` is in one of the verified ranges. */
export function isCovered(range: SeqRange, verified: readonly SeqRange[]): boolean {
  let next = range.firstSeq;
  for (const { firstSeq, lastSeq } of verified.toSorted((a, b) => a.firstSeq - b.firstSeq)) {
    if (firstSeq > next) return false;
    next = Math.max(next, lastSeq + 1);
    if (next > range.lastSeq) return true;
  }
  return false;
}
