import { parseSymbol, type ContractSymbol } from '@mexc-toolkit/core';
import { hashText } from './random.ts';

/** What the simulator knows about one perpetual contract. Prices are whole ticks of `10^-priceScale`. */
export interface Contract {
  readonly symbol: ContractSymbol;
  readonly id: number;
  readonly baseCoin: string;
  readonly quoteCoin: string;
  /** Equals `baseCoin` for a coin-margined (inverse) contract. */
  readonly settleCoin: string;
  readonly inverse: boolean;
  /** Base coin per contract; quote currency per contract when inverse. */
  readonly contractSize: number;
  readonly priceScale: number;
  readonly startTicks: number;
  /** Typical contracts at one level of the book. */
  readonly levelSize: number;
  /** Version of the book before its first change. */
  readonly firstVersion: number;
}

type Known = Pick<Contract, 'contractSize' | 'priceScale' | 'startTicks' | 'levelSize'>;

const KNOWN: Readonly<Record<string, Known>> = {
  BTC_USDT: { contractSize: 0.0001, priceScale: 1, startTicks: 840_000, levelSize: 20_000 },
  ETH_USDT: { contractSize: 0.01, priceScale: 2, startTicks: 240_000, levelSize: 3_000 },
  SOL_USDT: { contractSize: 0.1, priceScale: 2, startTicks: 14_000, levelSize: 5_000 },
  XRP_USDT: { contractSize: 1, priceScale: 4, startTicks: 21_000, levelSize: 8_000 },
  DOGE_USDT: { contractSize: 100, priceScale: 5, startTicks: 16_000, levelSize: 6_000 },
  BTC_USD: { contractSize: 100, priceScale: 1, startTicks: 840_000, levelSize: 4_000 },
};

const HIGHEST_VERSION = 42_000_000_000;

/**
 * The contract of a symbol: always the same for the same symbol. Well-known ones get realistic prices, any other one
 * gets values derived from its name.
 *
 * @throws {CaptureError} `SYMBOL_MALFORMED`
 */
export function toContract(text: string): Contract {
  const symbol = parseSymbol(text);
  const hash = hashText(symbol);
  const [baseCoin = '', quoteCoin = ''] = symbol.split('_');
  const inverse = quoteCoin === 'USD';
  return {
    symbol,
    id: 10 + (hash % 2000),
    baseCoin,
    quoteCoin,
    settleCoin: inverse ? baseCoin : quoteCoin,
    inverse,
    firstVersion: 1_000_000_000 + Math.floor((hash / 2 ** 32) * HIGHEST_VERSION),
    ...(KNOWN[symbol] ?? derive(hash, inverse)),
  };
}

function derive(hash: number, inverse: boolean): Known {
  const priceScale = 1 + (hash % 6);
  const startTicks = 10_000 + ((hash >>> 5) % 80_000);
  const price = startTicks / 10 ** priceScale;
  // One contract is worth about ten units of the quote currency.
  const contractSize = inverse ? 10 : 10 ** Math.round(Math.log10(10 / price));
  return { contractSize, priceScale, startTicks, levelSize: 2_000 + ((hash >>> 9) % 8_000) };
}
