import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { CaptureError, parseSymbol, toBase, toSymbol } from '@mexc-toolkit/core';

describe('parseSymbol', () => {
  test.for([
    ['BTC_USDT', 'BTC_USDT'],
    ['btc_usdt', 'BTC_USDT'],
    [' 1000bonk_usdt\n', '1000BONK_USDT'],
    ['BTC_USD', 'BTC_USD'],
    [`${'A'.repeat(32)}_${'B'.repeat(16)}`, `${'A'.repeat(32)}_${'B'.repeat(16)}`],
  ])('reads %j as %s', ([text, symbol], { expect }) => {
    expect(parseSymbol(text!)).toBe(symbol);
  });

  test.for([
    '',
    'BTC',
    'BTCUSDT',
    '_USDT',
    'BTC_',
    'BTC__USDT',
    'BTC_USDT_X',
    '../x_USDT',
    '../../etc/passwd',
    'BTC/USDT',
    'BTC-USDT',
    "BTC'_USDT",
    'BTC`_USDT',
    'BTC"_USDT',
    'BTC _USDT',
    'BTC_USDT;DROP TABLE x',
    'BTC_USDT\0',
    'BTC_USDT\nETH_USDT',
    'ВТС_USDT', // Cyrillic
    'ſol_USDT', // upper-cased, it would be SOL
    'bıt_usdt', // upper-cased, it would be BIT
    'ﬁ_USDT', // upper-cased, it would be FI
    'BTC＿USDT',
    `${'A'.repeat(33)}_USDT`,
    `BTC_${'A'.repeat(17)}`,
    'x'.repeat(100_000),
  ])('refuses %j', (text, { expect }) => {
    const error = catchError(() => parseSymbol(text));
    expect(CaptureError.is(error, 'SYMBOL_MALFORMED') && error.message.length).toBeLessThan(250);
  });
});

describe('toBase', () => {
  test('shortens symbols in USDT only, and is undone by toSymbol', ({ expect }) => {
    expect(toBase(parseSymbol('BTC_USDT'))).toBe('btc');
    expect(toBase(parseSymbol('BTC_USD'))).toBe('btc_usd');
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z0-9]{1,32}_([A-Z0-9]{1,16}|USDT)$/), (text) => {
        const base = toBase(parseSymbol(text));
        expect(base).toMatch(/^[a-z0-9_]+$/);
        expect(toSymbol(base)).toBe(text);
      }),
    );
  });
});

function catchError(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
