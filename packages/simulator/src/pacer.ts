import type { Feed } from './feed.ts';
import { toDealFrame, toObjectDealFrame } from './frames/deal.ts';
import { toDepthFullFrame } from './frames/depth.ts';
import { toTickerFrame } from './frames/ticker.ts';
import type { Trade } from './market.ts';
import type { ResolvedOptions } from './options.ts';

type DefaultChannel = 'ticker' | 'deal' | 'depth.full';

/**
 * Turns of one symbol: one default frame each. Of 50 turns 33 are depth.full, 14 deal and 3 ticker, about the mix of the
 * venue (depth.full 3.4/s, deal 1.5/s on average, ticker 0.36/s: docs/protocol.md §8).
 */
const PATTERN: readonly DefaultChannel[] = Array.from({ length: 50 }, (_, turn) => {
  if (turn % 17 === 8) return 'ticker';
  return turn % 7 === 2 || turn % 7 === 5 ? 'deal' : 'depth.full';
});
const FULL_SHARE = PATTERN.filter((channel) => channel === 'depth.full').length / PATTERN.length;

/** Versions a second that a symbol makes at low rates; at high rates every turn makes at least one. */
const VERSIONS_PER_SECOND = 60;
/** After a stall of the event loop at most this much is made up for. */
const CATCH_UP_MS = 250;

/** Moves the markets and sends the default frames, `rate` a second over all symbols, one symbol after the other. */
export class Pacer {
  readonly #feeds: readonly Feed[];
  readonly #options: Pick<ResolvedOptions, 'depthFullMinIntervalMs'>;
  #rate = 0;
  #credit = 0;
  #next = 0;
  #stepsPerTurn = 1;
  #fullFloorMs = 0;

  constructor(feeds: readonly Feed[], options: Pick<ResolvedOptions, 'depthFullMinIntervalMs' | 'rate'>) {
    this.#feeds = feeds;
    this.#options = options;
    this.setRate(options.rate);
  }

  setRate(rate: number): void {
    this.#rate = rate;
    const perSymbol = rate / this.#feeds.length;
    this.#stepsPerTurn = Math.min(20, Math.max(1, Math.round(VERSIONS_PER_SECOND / Math.max(perSymbol, 1))));
    const floorMs = this.#options.depthFullMinIntervalMs;
    this.#fullFloorMs = 1000 / (perSymbol * FULL_SHARE) >= floorMs ? floorMs : 0;
  }

  /** Takes the turns that are due after `elapsedMs`. */
  advance(elapsedMs: number, now: { readonly monotonicMs: number; readonly tsMs: number }): void {
    const earned = (Math.min(elapsedMs, CATCH_UP_MS) * this.#rate) / 1000;
    this.#credit = Math.min(this.#credit + earned, Math.max(1, (CATCH_UP_MS * this.#rate) / 1000));
    for (; this.#credit >= 1; this.#credit -= 1) {
      const feed = this.#feeds[this.#next];
      this.#next = (this.#next + 1) % this.#feeds.length;
      if (feed) this.#turn(feed, now);
    }
  }

  #turn(feed: Feed, now: { readonly monotonicMs: number; readonly tsMs: number }): void {
    const { market } = feed;
    feed.tsMs = now.tsMs;
    for (let step = 0; step < this.#stepsPerTurn; step += 1) market.step(now.tsMs);
    const channel = feed.owed.shift() ?? PATTERN[feed.turns++ % PATTERN.length];
    if (channel === 'deal') return sendDeals(feed);
    if (channel === 'ticker') return feed.publish('ticker', 'ticker', () => toTickerFrame(market, now.tsMs));
    if (now.monotonicMs - feed.lastFullAt < this.#fullFloorMs) return undefined;
    feed.lastFullAt = now.monotonicMs;
    for (const stream of feed.streams.active()) {
      if (!stream.startsWith('depth.full:')) continue;
      feed.publish(stream, 'depth.full', () => toDepthFullFrame(market, Number(stream.slice('depth.full:'.length)), now.tsMs));
    }
    return undefined;
  }
}

/** One to three trades, by the turn: a merged burst goes out as one frame (docs/protocol.md §4.3). */
function sendDeals(feed: Feed): void {
  const { contract, market, tsMs } = feed;
  const burst = feed.turns % 11 === 0 ? 3 : feed.turns % 5 === 0 ? 2 : 1;
  const trades: Trade[] = [];
  for (let made = 0; made < burst; made += 1) {
    const trade = market.trade(tsMs);
    if (trade) trades.push(trade);
  }
  if (!feed.objectDeals && trades.length > 0) feed.publish('deal:merged', 'deal', () => toDealFrame(contract, trades, tsMs));
  for (const trade of trades) {
    if (feed.objectDeals) feed.publish('deal:merged', 'deal', () => toObjectDealFrame(contract, trade, tsMs));
    feed.publish('deal:each', 'deal', () =>
      feed.objectDeals ? toObjectDealFrame(contract, trade, tsMs) : toDealFrame(contract, [trade], tsMs),
    );
  }
}
