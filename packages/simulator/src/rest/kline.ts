import { INTERVAL_SECONDS, windowStart } from '../candles.ts';
import type { Contract } from '../contract.ts';
import type { Market } from '../market.ts';
import { toDecimalText, toNumberText } from '../number-text.ts';
import { hashText } from '../random.ts';

/** Most candles in one answer (docs/protocol.md §6). */
const MAX_CANDLES = 2000;

export interface KlineQuery {
  readonly interval: string;
  /** Seconds, both ends included. */
  readonly start: number | undefined;
  readonly end: number | undefined;
}

/**
 * `GET kline/{symbol}` in columns, times in seconds. Candles of the past are made up from the time itself, so that asking
 * again gives the same ones; the current one is that of the market.
 */
export function toKlineData(market: Market, query: KlineQuery, nowSeconds: number): string {
  const { contract } = market;
  const length = INTERVAL_SECONDS[query.interval] ?? 60;
  const last = windowStart(query.interval, Math.min(query.end ?? nowSeconds, nowSeconds));
  const wanted = query.start === undefined ? MAX_CANDLES : Math.floor((last - query.start) / length) + 1;
  const count = Math.max(0, Math.min(MAX_CANDLES, wanted));
  const live = market.candles.current(query.interval);
  const rows = Array.from({ length: count }, (_, index) => {
    const start = windowStart(query.interval, last - (count - 1 - index) * length);
    return live?.start === start ? live : makePastCandle(contract, start, length);
  });
  const price = (ticks: number): string => toNumberText(ticks, contract.priceScale);
  const prices = (['open', 'close', 'high', 'low'] as const).map((name) =>
    column(
      name,
      rows.map((row) => price(row[name])),
    ),
  );
  const real = (['Open', 'Close', 'High', 'Low'] as const).map((name, index) => {
    const field = (['open', 'close', 'high', 'low'] as const)[index] ?? 'open';
    return column(
      `real${name}`,
      rows.map((row) => price(row[field])),
    );
  });
  const volumes = [
    column(
      'vol',
      rows.map((row) => row.contracts),
    ),
    column(
      'amount',
      rows.map((row) => toDecimalText(market.turnover(row.close, row.contracts), 4)),
    ),
  ];
  return `{${[
    column(
      'time',
      rows.map((row) => row.start),
    ),
    ...prices,
    ...volumes,
    ...real,
  ].join(',')}}`;
}

interface PastCandle {
  readonly start: number;
  readonly open: number;
  readonly close: number;
  readonly high: number;
  readonly low: number;
  readonly contracts: number;
}

function makePastCandle(contract: Contract, start: number, length: number): PastCandle {
  const open = pastTicks(contract, start - length);
  const close = pastTicks(contract, start);
  const reach = Math.ceil(contract.startTicks * 0.0005);
  const contracts = 1 + (hashText(`${contract.symbol}v${start}`) % (contract.levelSize * 4));
  return { start, open, close, high: Math.max(open, close) + reach, low: Math.min(open, close) - reach, contracts };
}

/** The close of the window that starts at `start`: within 1 % of the start price, the same each time. */
function pastTicks(contract: Contract, start: number): number {
  const noise = hashText(`${contract.symbol}${start}`) / 2 ** 32 - 0.5;
  return Math.round(contract.startTicks * (1 + noise * 0.02));
}

const column = (name: string, values: (string | number)[]): string => `"${name}":[${values.join(',')}]`;
