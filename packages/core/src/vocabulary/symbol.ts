import { CaptureError } from '../errors/capture-error.ts';

/** The venue's id of a contract, `BTC_USDT`. Made only by {@link parseSymbol}, so it is safe in SQL and in paths. */
export type ContractSymbol = string & { readonly kind: 'symbol' };

/** Table stem of a symbol, `btc`. Safe in SQL and in paths. */
export type Base = string & { readonly kind: 'base' };

// Tested before upper-casing, which turns letters outside ASCII into ASCII ones: 'ſol'.toUpperCase() is 'SOL'.
const SYMBOL = /^[A-Za-z0-9]{1,32}_[A-Za-z0-9]{1,16}$/;

/**
 * Upper-cases and validates a symbol.
 *
 * @throws {CaptureError} `SYMBOL_MALFORMED`
 */
export function parseSymbol(text: string): ContractSymbol {
  const symbol = text.trim();
  if (!SYMBOL.test(symbol)) {
    throw new CaptureError(
      'SYMBOL_MALFORMED',
      `${JSON.stringify(text.slice(0, 80))} is not a symbol; expected a form like BTC_USDT`,
    );
  }
  return symbol.toUpperCase() as ContractSymbol;
}

/** `BTC_USDT` → `btc`; any other quote keeps the whole symbol: `BTC_USD` → `btc_usd`. */
export function toBase(symbol: ContractSymbol): Base {
  const lower = symbol.toLowerCase();
  return (lower.endsWith('_usdt') ? lower.slice(0, -'_usdt'.length) : lower) as Base;
}

/** The symbol whose base is `base`: the inverse of {@link toBase}. */
export function toSymbol(base: string): ContractSymbol {
  return parseSymbol(base.includes('_') ? base : `${base}_usdt`);
}
