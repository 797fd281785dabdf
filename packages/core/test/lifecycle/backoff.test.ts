import * as fc from 'fast-check';
import { test } from 'vitest';
import { openBackoff } from '@mexc-toolkit/core';

test('a pause is within its bounds, which double up to the longest, and is short again after a healthy signal', ({ expect }) => {
  const fraction = fc.double({ min: 0, max: 0.999_999, noNaN: true });
  fc.assert(
    fc.property(fc.array(fraction, { minLength: 1, maxLength: 60 }), (fractions) => {
      let index = 0;
      const backoff = openBackoff({ minMs: 100, maxMs: 5000, random: () => fractions[index]! });
      for (index = 0; index < fractions.length; index += 1) {
        expect(backoff.attempts).toBe(index);
        const ms = backoff.nextMs();
        expect(ms).toBeGreaterThanOrEqual(1);
        expect(ms).toBeLessThanOrEqual(Math.min(5000, 100 * 2 ** index));
      }
      index = 0;
      backoff.reset();
      expect(backoff.nextMs()).toBeLessThanOrEqual(100);
    }),
  );
  const longest = openBackoff({ minMs: 100, maxMs: 5000, random: () => 0 });
  expect([1, 2, 3, 4, 5, 6, 7, 8].map(() => longest.nextMs())).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
});
