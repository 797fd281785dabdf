import * as fc from 'fast-check';
import { test } from 'vitest';
import { isCovered } from '../../src/spool/is-verified.ts';

test('a range is covered when each of its seqs is in a verified range, in whatever order and overlap', ({ expect }) => {
  const range = fc
    .tuple(fc.integer({ min: 1, max: 30 }), fc.nat({ max: 10 }))
    .map(([firstSeq, more]) => ({ firstSeq, lastSeq: firstSeq + more }));
  fc.assert(
    fc.property(range, fc.array(range, { maxLength: 6 }), (wanted, verified) => {
      const seqs = Array.from({ length: wanted.lastSeq - wanted.firstSeq + 1 }, (_, index) => wanted.firstSeq + index);
      const expected = seqs.every((seq) => verified.some(({ firstSeq, lastSeq }) => firstSeq <= seq && seq <= lastSeq));
      expect(isCovered(wanted, verified)).toBe(expected);
    }),
    { numRuns: 1000 },
  );
});
