/** The venue's intervals and their lengths in seconds; a month has its calendar length. */
export const INTERVAL_SECONDS: Readonly<Record<string, number>> = {
  Min1: 60,
  Min5: 300,
  Min15: 900,
  Min30: 1800,
  Min60: 3600,
  Hour4: 14_400,
  Hour8: 28_800,
  Day1: 86_400,
  Week1: 604_800,
  Month1: 2_592_000,
};

/** A candle under construction. Prices in ticks; `start` in seconds, as the venue counts kline time. */
export interface Candle {
  readonly start: number;
  readonly open: number;
  high: number;
  low: number;
  close: number;
  /** Open of the first trade; the displayed open is the previous close (docs/protocol.md §4.2). */
  readonly realOpen: number;
  contracts: number;
  turnover: number;
}

/** One trade as a candle sees it. */
export interface CandleTrade {
  readonly ticks: number;
  readonly contracts: number;
  readonly turnover: number;
  readonly atMs: number;
}

/** The running candle of each interval of one contract. */
export class Candles {
  readonly #current = new Map<string, Candle>();

  add(trade: CandleTrade): void {
    for (const interval of Object.keys(INTERVAL_SECONDS)) this.#addTo(interval, trade);
  }

  current(interval: string): Candle | undefined {
    return this.#current.get(interval);
  }

  #addTo(interval: string, trade: CandleTrade): void {
    const candle = this.#current.get(interval);
    if (candle && trade.atMs < (candle.start + (INTERVAL_SECONDS[interval] ?? 60)) * 1000) {
      candle.high = Math.max(candle.high, trade.ticks);
      candle.low = Math.min(candle.low, trade.ticks);
      candle.close = trade.ticks;
      candle.contracts += trade.contracts;
      candle.turnover += trade.turnover;
      return;
    }
    const open = candle?.close ?? trade.ticks;
    this.#current.set(interval, {
      start: windowStart(interval, Math.floor(trade.atMs / 1000)),
      open,
      high: Math.max(open, trade.ticks),
      low: Math.min(open, trade.ticks),
      close: trade.ticks,
      realOpen: trade.ticks,
      contracts: trade.contracts,
      turnover: trade.turnover,
    });
  }
}

/** Start of the window that holds `seconds`: UTC multiples, weeks from Monday, months from the first day. */
export function windowStart(interval: string, seconds: number): number {
  if (interval === 'Month1') {
    const date = new Date(seconds * 1000);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / 1000;
  }
  const length = INTERVAL_SECONDS[interval] ?? 60;
  // 1970-01-01 was a Thursday: the first Monday is four days later.
  const offset = interval === 'Week1' ? 4 * 86_400 : 0;
  return Math.floor((seconds - offset) / length) * length + offset;
}
