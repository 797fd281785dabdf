import { describe, test } from 'vitest';
import { Limiter } from '../src/limiter.ts';

describe('Limiter', () => {
  test('grants no more than its requests in any window', ({ expect }) => {
    const limiter = new Limiter({ requests: 10, windowMs: 2000 });
    const granted: number[] = [];
    for (let now = 0; now < 20_000; now += 37) if (limiter.tryTake('a', now)) granted.push(now);
    granted.forEach((at, index) => {
      const tenth = granted[index + 10];
      if (tenth !== undefined) expect(tenth - at).toBeGreaterThanOrEqual(2000);
    });
    expect(granted.length).toBeGreaterThanOrEqual(95);
  });

  test('counts each address for itself, and forgets idle ones', ({ expect }) => {
    const limiter = new Limiter({ requests: 1, windowMs: 10 });
    for (let address = 0; address < 30_000; address += 1) expect(limiter.tryTake(String(address), address)).toBe(true);
    expect(limiter.tryTake('29999', 30_000)).toBe(false);
  });
});
