import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { nextHourMs, parseEpochName, toEpochName, toExportPath, parseSymbol, toManifestPath } from '@mexc-toolkit/core';

const LAST_US = Date.UTC(2299, 11, 31) * 1000;

describe('the name of an epoch', () => {
  test('is its start, with microseconds only when there are some', ({ expect }) => {
    const start = Date.UTC(2026, 10, 22, 13) * 1000;
    expect(toEpochName(start)).toBe('20261122T130000Z');
    expect(toEpochName(start + 5)).toBe('20261122T130000.000005Z');
    expect(toExportPath(parseSymbol('BTC_USDT'), start)).toBe(
      'symbol=BTC_USDT/date=2026-11-22/BTC_USDT-20261122T130000Z.parquet',
    );
    expect(toManifestPath('a/b.parquet')).toBe('a/b.manifest.json');
  });

  test('is read back as the same start', ({ expect }) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LAST_US }), (us) => {
        expect(parseEpochName(toEpochName(us))).toBe(us);
      }),
    );
  });

  test.for([
    '',
    '2026-11-22T13:00:00Z',
    '20261122T13',
    '20261322T130000Z',
    '20260230T000000Z',
    '20261122T250000Z',
    '20261122T130000.5Z',
    ' 20261122T130000Z',
    '../20261122T130000Z',
  ])('is not %j', (text, { expect }) => {
    expect(() => parseEpochName(text)).toThrow('is not an epoch');
  });
});

test('the next hour after a full hour is an hour away', ({ expect }) => {
  const hour = Date.UTC(2026, 10, 22, 13);
  expect(nextHourMs(hour)).toBe(hour + 3_600_000);
  expect(nextHourMs(hour - 0.001)).toBe(hour);
  expect(nextHourMs(hour + 0.001)).toBe(hour + 3_600_000);
});
