import type { Feed } from './feed.ts';
import { toDepthStepFrame } from './frames/depth.ts';
import { toContractFrame, toFairPriceFrame, toFundingRateFrame, toIndexPriceFrame, toKlineFrame } from './frames/reference.ts';
import { toTickersFrame } from './frames/ticker.ts';
import { toRow } from './outgoing.ts';
import type { Streams } from './streams.ts';

type Builder = (feed: Feed, detail: string, tsMs: number) => string | undefined;

interface Extra {
  readonly everyMs: number;
  readonly build: Builder;
}

/** Channels beside the default ones, with the venue's cadences (docs/protocol.md §4). Sent when something changed. */
const EXTRAS: Readonly<Record<string, Extra>> = {
  'depth.step': { everyMs: 200, build: ({ market }, step, tsMs) => toDepthStepFrame(market, step, tsMs) },
  kline: { everyMs: 500, build: ({ market }, interval, tsMs) => toKlineFrame(market, interval, tsMs) },
  'funding.rate': { everyMs: 60_000, build: ({ market }, _, tsMs) => toFundingRateFrame(market, tsMs) },
  'index.price': { everyMs: 550, build: ({ market }, _, tsMs) => toIndexPriceFrame(market, tsMs) },
  'fair.price': { everyMs: 850, build: ({ market }, _, tsMs) => toFairPriceFrame(market, tsMs) },
};
const TICKERS_EVERY_MS = 2000;
const CONTRACT_EVERY_MS = 60_000;
/** The first push.contract comes 1.6–20 s after the ack (docs/protocol.md §4). */
const CONTRACT_FIRST_MS = 1600;
const REFERENCES_EVERY_MS = 500;

interface Sent {
  dueAt: number;
  /** The last frame, written with time 0: tells whether anything changed. */
  content: string;
}

interface Now {
  readonly monotonicMs: number;
  readonly tsMs: number;
}

/** Sends the channels that do not count towards `rate`. */
export class Extras {
  readonly #feeds: readonly Feed[];
  readonly #globals: Streams;
  readonly #depthMergeMs: number;
  readonly #sent = new Map<Feed, Map<string, Sent>>();
  readonly #tickersSent = new Map<Feed, number>();
  #mergeDueAt = 0;
  #referencesDueAt = 0;
  #tickersDueAt = 0;
  #contractDueAt: number | undefined;
  #contractTurns = 0;

  constructor(feeds: readonly Feed[], globals: Streams, depthMergeMs: number) {
    this.#feeds = feeds;
    this.#globals = globals;
    this.#depthMergeMs = depthMergeMs;
  }

  advance(now: Now): void {
    if (now.monotonicMs >= this.#referencesDueAt) {
      this.#referencesDueAt = now.monotonicMs + REFERENCES_EVERY_MS;
      for (const { market } of this.#feeds) market.driftReferences();
    }
    if (now.monotonicMs >= this.#mergeDueAt) {
      this.#mergeDueAt = now.monotonicMs + this.#depthMergeMs;
      this.flushMerges(now.tsMs);
    }
    for (const feed of this.#feeds) this.#advanceFeed(feed, now);
    this.#advanceTickers(now);
    this.#advanceContract(now);
  }

  /** Sends every merge of depth changes, so that nothing is held back while the market pauses. */
  flushMerges(tsMs: number): void {
    for (const feed of this.#feeds) {
      feed.tsMs = tsMs;
      feed.flushMerge();
    }
  }

  /** The next `push.tickers` holds every row again: a new subscriber has none yet. */
  restartTickers(): void {
    this.#tickersSent.clear();
  }

  #advanceFeed(feed: Feed, now: Now): void {
    for (const stream of feed.streams.active()) {
      const [channel = '', detail = ''] = stream.split(':');
      const extra = Object.hasOwn(EXTRAS, channel) ? EXTRAS[channel] : undefined;
      if (!extra) continue;
      const sent = this.#sentOf(feed, stream);
      if (now.monotonicMs < sent.dueAt) continue;
      sent.dueAt = now.monotonicMs + extra.everyMs;
      const content = extra.build(feed, detail, 0);
      const text = extra.build(feed, detail, now.tsMs);
      if (text === undefined || content === undefined) continue;
      // The funding rate comes about once a minute whether or not it moved.
      if (content === sent.content && channel !== 'funding.rate') continue;
      sent.content = content;
      feed.publish(stream, channel, () => text);
    }
  }

  #advanceTickers(now: Now): void {
    const sessions = this.#globals.sessions('tickers');
    if (!sessions || now.monotonicMs < this.#tickersDueAt) return;
    this.#tickersDueAt = now.monotonicMs + TICKERS_EVERY_MS;
    const changed = this.#feeds.filter((feed) => this.#tickersSent.get(feed) !== feed.market.volume24);
    if (changed.length === 0) return;
    for (const feed of changed) this.#tickersSent.set(feed, feed.market.volume24);
    const text = toTickersFrame(
      changed.map((feed) => feed.market),
      now.tsMs,
    );
    const frame = toRow(text, { symbol: '', channel: 'push.tickers' });
    for (const session of sessions) session.send(frame);
  }

  #advanceContract(now: Now): void {
    const sessions = this.#globals.sessions('contract');
    if (!sessions) {
      this.#contractDueAt = undefined;
      return;
    }
    this.#contractDueAt ??= now.monotonicMs + CONTRACT_FIRST_MS;
    const feed = this.#feeds[this.#contractTurns % this.#feeds.length];
    if (now.monotonicMs < this.#contractDueAt || !feed) return;
    this.#contractDueAt = now.monotonicMs + CONTRACT_EVERY_MS;
    this.#contractTurns += 1;
    const frame = toRow(toContractFrame(feed.market, now.tsMs), { symbol: feed.contract.symbol, channel: 'push.contract' });
    for (const session of sessions) session.send(frame);
  }

  #sentOf(feed: Feed, stream: string): Sent {
    const ofFeed = this.#sent.get(feed) ?? new Map<string, Sent>();
    this.#sent.set(feed, ofFeed);
    const sent = ofFeed.get(stream) ?? { dueAt: 0, content: '' };
    ofFeed.set(stream, sent);
    return sent;
  }
}
