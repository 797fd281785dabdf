import { describe, test } from 'vitest';
import { pickStyle, toDecimalText, toNumberText, type NumberStyle } from '../src/number-text.ts';
import { Random } from '../src/random.ts';

describe('toNumberText', () => {
  test.for<[number, number, NumberStyle, string]>([
    [840626, 1, 'plain', '84062.6'],
    [840000, 1, 'plain', '84000'],
    [8007, 5, 'plain', '0.08007'],
    [-270, 4, 'fixed', '-0.0270'],
    [0, 4, 'fixed', '0.0000'],
    [8007, 5, 'padded', '0.080070'],
    [975000, 1, 'exponent', '9.75E+4'],
    [15036, 10, 'exponent', '1.5036E-6'],
    [5, 0, 'exponent', '5E+0'],
    [253290, 1, 'long', '25329.000000000000000000000000000000000'],
    [7, 0, 'plain', '7'],
  ])('writes %d with %d decimals in style %s as %s', ([units, scale, style, text], { expect }) => {
    expect(toNumberText(units, scale, style)).toBe(text);
  });

  test('writes the same value in every style', ({ expect }) => {
    const random = new Random(7);
    for (let round = 0; round < 2000; round += 1) {
      const units = random.integer(0, 2_000_000);
      const scale = random.integer(0, 10);
      const text = toNumberText(units, scale, pickStyle(random));
      expect(JSON.parse(text)).toBeCloseTo(units / 10 ** scale, 12);
    }
  });

  test('rounds derived numbers', ({ expect }) => {
    expect(toDecimalText(1066.3971, 3)).toBe('1066.397');
  });
});
