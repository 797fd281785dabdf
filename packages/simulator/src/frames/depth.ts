import type { Change, Side } from '../book.ts';
import type { Market } from '../market.ts';
import { toNumberText } from '../number-text.ts';

/** The venue pushes 3–9 ms after its matching engine's time `cts` (docs/protocol.md §5.2). */
export const MATCHING_DELAY_MS = 4;

/** Complete top `limit` of the book (docs/protocol.md §5.3). */
export function toDepthFullFrame(market: Market, limit: number, tsMs: number): string {
  const { book, contract } = market;
  return `{"symbol":"${contract.symbol}","data":{"cts":${tsMs - MATCHING_DELAY_MS},"asks":[${book.topText('asks', limit)}],"bids":[${book.topText('bids', limit)}],"version":${book.version}},"channel":"push.depth.full","ts":${tsMs}}`;
}

/** One version (`compress:false`, docs/protocol.md §5.2). */
export function toDepthFrame(symbol: string, change: Change, tsMs: number): string {
  const level = toLevelText(change);
  const asks = change.side === 'asks' ? level : '';
  const bids = change.side === 'bids' ? level : '';
  return `{"symbol":"${symbol}","data":{"cts":${change.atMs},"asks":[${asks}],"bids":[${bids}],"version":${change.version}},"channel":"push.depth","ts":${tsMs}}`;
}

/** All changes of a range of versions: contiguous ranges, no price twice a side (docs/protocol.md §5.2, merged). */
export class DepthMerge {
  readonly #latest: Record<Side, Map<number, Change>> = { asks: new Map(), bids: new Map() };
  #begin = 0;
  #end = 0;
  #endAtMs = 0;

  get isEmpty(): boolean {
    return this.#end === 0;
  }

  add(change: Change): void {
    this.#begin ||= change.version;
    this.#end = change.version;
    this.#endAtMs = change.atMs;
    this.#latest[change.side].set(change.ticks, change);
  }

  /** The frame of everything added since the last call; empties the merge. */
  take(symbol: string, tsMs: number): string {
    const sides = { asks: this.#takeSide('asks'), bids: this.#takeSide('bids') };
    const text = `{"symbol":"${symbol}","data":{"cts":${this.#endAtMs},"asks":[${sides.asks}],"bids":[${sides.bids}],"end":${this.#end},"begin":${this.#begin},"version":${this.#end}},"channel":"push.depth","ts":${tsMs}}`;
    this.clear();
    return text;
  }

  clear(): void {
    this.#begin = this.#end = 0;
    this.#latest.asks.clear();
    this.#latest.bids.clear();
  }

  #takeSide(side: Side): string {
    return [...this.#latest[side].values()].map(toLevelText).join(',');
  }
}

/** Levels aggregated to `step` (docs/protocol.md §4.2); no outer `ts`. */
export function toDepthStepFrame(market: Market, step: string, tsMs: number): string {
  const { book, contract } = market;
  const stepTicks = Math.max(1, Math.round(Number(step) * 10 ** contract.priceScale));
  const price = (ticks: number): string => toNumberText(ticks, contract.priceScale);
  const side = (name: Side): string =>
    aggregate(market, name, stepTicks)
      .map(([ticks, size, orders]) => `[${price(ticks)},${size},${orders}]`)
      .join(',');
  return `{"channel":"push.depth.step","data":{"askMarketLevelPrice":${price(book.bestAsk)},"asks":[${side('asks')}],"bidMarketLevelPrice":${price(book.bestBid)},"bids":[${side('bids')}],"ct":${tsMs - MATCHING_DELAY_MS},"version":${book.version}},"symbol":"${contract.symbol}"}`;
}

/** `[price,contracts,orderCount]` after a change. */
export const toLevelText = (change: Change): string => `[${change.priceText},${change.size},${change.orders}]`;

const STEP_LEVELS = 20;

function aggregate(market: Market, side: Side, stepTicks: number): [ticks: number, size: number, orders: number][] {
  const groups = new Map<number, [number, number, number]>();
  const round = side === 'asks' ? Math.ceil : Math.floor;
  for (const level of market.book[side]) {
    const ticks = round(level.ticks / stepTicks) * stepTicks;
    const group = groups.get(ticks) ?? [ticks, 0, 0];
    group[1] += level.size;
    group[2] += level.orders;
    groups.set(ticks, group);
  }
  return [...groups.values()].slice(0, STEP_LEVELS);
}
