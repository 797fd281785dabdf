import { describe, test } from 'vitest';
import { checkRuns } from '../src/parquet/run-guard.ts';

const check = (bytes: number[], bitWidth: number, values: number) => (): void =>
  checkRuns(Uint8Array.from(bytes), bitWidth, values);

describe('checkRuns', () => {
  test('accepts repeated and packed runs that fill the page', ({ expect }) => {
    expect(check([10 << 1, 3], 2, 10)).not.toThrow();
    expect(check([(2 << 1) | 1, 0, 0, 0, 0], 2, 13)).not.toThrow();
    expect(check([5 << 1, 1, (1 << 1) | 1, 0, 0], 2, 13)).not.toThrow();
  });

  test('refuses a count that would fill the heap', ({ expect }) => {
    expect(check([0xfe, 0xff, 0xff, 0xff, 0x0f, 3], 2, 10)).toThrow(/does not fit/);
    expect(check([0xff, 0xff, 0xff, 0xff, 0x0f, 3], 2, 10)).toThrow(/does not fit/);
  });

  test('refuses runs that stand still, end early, or leave the page', ({ expect }) => {
    expect(check([0, 0], 2, 10)).toThrow(/0 values/);
    expect(check([4 << 1, 3], 2, 10)).toThrow(/no readable header/);
    expect(check([(2 << 1) | 1, 0], 2, 16)).toThrow(/outside its page/);
    expect(check([2, 0], 40, 1)).toThrow(/40 bits/);
  });
});
