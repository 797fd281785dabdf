import { systemClock } from '@mexc-toolkit/core';
import { describe, test } from 'vitest';
import { Statistics } from '../../src/lane/statistics.ts';

function openStatistics() {
  let nowMs = 0;
  const statistics = new Statistics({ ...systemClock, monotonic: () => nowMs });
  return { statistics, pass: (ms: number) => (nowMs += ms) };
}

describe('statistics', () => {
  test('give rates of the interval, not of the whole life', ({ expect }) => {
    const { statistics, pass } = openStatistics();
    expect(statistics.rate('BTC_USDT', 10)).toBe(0);
    pass(2000);
    expect(statistics.rate('BTC_USDT', 10)).toBe(5);
    statistics.nextInterval(new Map([['BTC_USDT', 10]]));
    pass(1000);
    expect(statistics.rate('BTC_USDT', 13)).toBe(3);
    expect(statistics.rate('ETH_USDT', 7)).toBe(7);
  });

  test('give the median and 99th percentile of the INSERTs of the interval', ({ expect }) => {
    const { statistics } = openStatistics();
    expect(statistics.insertMs()).toBeNull();
    for (let ms = 100; ms >= 1; ms -= 1) statistics.noteInsert(ms);
    expect(statistics.insertMs()).toEqual({ p50: 51, p99: 100 });
    statistics.nextInterval(new Map());
    expect(statistics.insertMs()).toBeNull();
  });

  test('count errors, and those in a row', ({ expect }) => {
    const { statistics } = openStatistics();
    statistics.noteError();
    statistics.errorsInARow = 0;
    statistics.noteError();
    expect(statistics).toMatchObject({ errors: 2, errorsInARow: 1 });
  });
});
