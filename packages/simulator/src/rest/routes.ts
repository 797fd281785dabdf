import type { Exchange } from '../exchange.ts';
import type { Feed } from '../feed.ts';
import { nextSettleTimeMs } from '../frames/reference.ts';
import { toRestTicker } from '../frames/ticker.ts';
import { INTERVAL_SECONDS } from '../candles.ts';
import { Limiter } from '../limiter.ts';
import { toNumberText } from '../number-text.ts';
import { Random } from '../random.ts';
import { toContractDetail } from './contract-detail.ts';
import { toCommitsData, toDepthData } from './depth.ts';
import { toFailure, toJson, toSuccess, type RestAnswer } from './envelope.ts';
import { toKlineData } from './kline.ts';

/** One REST request, taken apart. */
export interface RestRequest {
  /** Below `/api/v1/contract/`: `depth/BTC_USDT`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly remoteAddress: string;
}

type FeedRoute = (feed: Feed, request: RestRequest, detail: string) => RestAnswer;

/** Funding settlements in the made-up history. */
const FUNDING_HISTORY = 100;

/** The public REST interface of the venue's futures (docs/protocol.md §6). */
export class RestRoutes {
  readonly #exchange: Exchange;
  readonly #depthLimiter: Limiter;
  readonly #random: Random;
  readonly #feedRoutes: Readonly<Record<string, FeedRoute>>;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.#depthLimiter = new Limiter(exchange.options.depthLimiter);
    this.#random = new Random(exchange.options.seed + 1);
    this.#feedRoutes = {
      depth: (feed, request) => this.#depth(feed, request),
      depth_commits: (feed, _, limit) => toSuccess(toCommitsData(feed, Number(limit) || 1000, exchange.options.commitOrder)),
      deals: (feed, { query }) => toSuccess(toDealsData(feed, Number(query.get('limit') ?? 100))),
      kline: (feed, request) => this.#kline(feed, request),
      'kline/index_price': (feed, request) => this.#kline(feed, request),
      'kline/fair_price': (feed, request) => this.#kline(feed, request),
      index_price: (feed) => toSuccess(this.#priceData(feed, 'indexPrice')),
      fair_price: (feed) => toSuccess(this.#priceData(feed, 'fairPrice')),
      funding_rate: (feed) => toSuccess(this.#fundingData(feed)),
    };
  }

  /** The answer to one request; undefined when there is no such path. */
  answer(request: RestRequest): RestAnswer | undefined {
    const { path, query } = request;
    switch (path) {
      case 'ping':
        return toSuccess(String(this.#tsMs()));
      case 'detail':
      case 'detail/country':
        return this.#oneOrAll(query, (feed) => JSON.stringify(toContractDetail(feed.contract)));
      case 'ticker':
        return this.#oneOrAll(query, (feed) => toRestTicker(feed.market, this.#tsMs()));
      case 'funding_rate':
        return this.#oneOrAll(query, (feed) => this.#fundingData(feed));
      case 'funding_rate/history':
        return this.#withFeed(query.get('symbol') ?? '', (feed) => toSuccess(this.#fundingHistory(feed, query)));
      case 'support_currencies':
        return toSuccess(JSON.stringify([...new Set(this.#listed().map((feed) => feed.contract.settleCoin))]));
      default: {
        const [, name = '', symbol = '', detail = ''] =
          /^(kline\/(?:index|fair)_price|[a-z_]+)\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
        const route = Object.hasOwn(this.#feedRoutes, name) ? this.#feedRoutes[name] : undefined;
        return route && this.#withFeed(symbol, (feed) => route(feed, request, detail));
      }
    }
  }

  #withFeed(symbol: string, use: (feed: Feed) => RestAnswer): RestAnswer {
    const feed = this.#exchange.feed(symbol);
    return feed ? use(feed) : toFailure(1001, 'Contract does not exist!');
  }

  #oneOrAll(query: URLSearchParams, toText: (feed: Feed) => string): RestAnswer {
    const symbol = query.get('symbol');
    if (symbol !== null) return this.#withFeed(symbol, (feed) => toSuccess(toText(feed)));
    return toSuccess(`[${this.#listed().map(toText).join(',')}]`);
  }

  #depth(feed: Feed, { query, remoteAddress }: RestRequest): RestAnswer {
    const { clock, restLagVersions } = this.#exchange.options;
    if (!this.#depthLimiter.tryTake(remoteAddress, clock.monotonic())) {
      return toFailure(510, 'Requests are too frequent, please try again later');
    }
    const limit = Number(query.get('limit') ?? Infinity);
    const source = { random: this.#random, tsMs: this.#tsMs() };
    return toSuccess(toDepthData(feed, { limit, maxLagVersions: restLagVersions }, source));
  }

  #kline(feed: Feed, { query }: RestRequest): RestAnswer {
    const interval = query.get('interval') ?? 'Min1';
    if (INTERVAL_SECONDS[interval] === undefined) return toFailure(600, 'Parameter error');
    const [start, end] = [toSeconds(query.get('start')), toSeconds(query.get('end'))];
    if (start !== undefined && end !== undefined && start > end) return toFailure(6003, 'Time range error');
    return toSuccess(toKlineData(feed.market, { interval, start, end }, Math.floor(this.#tsMs() / 1000)));
  }

  #priceData({ contract, market }: Feed, name: 'indexPrice' | 'fairPrice'): string {
    const ticks = name === 'indexPrice' ? market.indexTicks : market.fairTicks;
    return `{"symbol":"${contract.symbol}","${name}":${toNumberText(ticks, contract.priceScale)},"timestamp":${this.#tsMs()}}`;
  }

  #fundingData({ contract, market }: Feed): string {
    const price = (ticks: number): string => toNumberText(ticks, contract.priceScale);
    const tsMs = this.#tsMs();
    return `{"symbol":"${contract.symbol}","fundingRate":${toNumberText(market.fundingMicros, 6)},"maxFundingRate":0.0018,"minFundingRate":-0.0018,"collectCycle":8,"nextSettleTime":${nextSettleTimeMs(tsMs)},"timestamp":${tsMs},"idxPrice":${price(market.indexTicks)},"fairPrice":${price(market.fairTicks)}}`;
  }

  #fundingHistory({ contract, market }: Feed, query: URLSearchParams): string {
    const pageSize = Math.min(Math.max(1, Number(query.get('page_size')) || 20), FUNDING_HISTORY);
    const currentPage = Math.max(1, Number(query.get('page_num')) || 1);
    const totalPage = Math.ceil(FUNDING_HISTORY / pageSize);
    const newest = nextSettleTimeMs(this.#tsMs());
    const from = (currentPage - 1) * pageSize;
    const rows = Array.from({ length: Math.max(0, Math.min(pageSize, FUNDING_HISTORY - from)) }, (_, row) => {
      const settleTime = newest - (from + row + 1) * 8 * 3_600_000;
      const rate = toNumberText(market.fundingMicros + ((from + row) % 7), 6);
      return `{"symbol":"${contract.symbol}","fundingRate":${rate},"settleTime":${settleTime},"collectCycle":8}`;
    });
    return `{"pageSize":${pageSize},"totalCount":${FUNDING_HISTORY},"totalPage":${totalPage},"currentPage":${currentPage},"resultList":[${rows.join(',')}]}`;
  }

  #listed(): Feed[] {
    return [...this.#exchange.feeds.values()].filter((feed) => feed.isListed);
  }

  #tsMs(): number {
    return Math.floor(this.#exchange.options.clock.now());
  }
}

/** Spot paths that market loaders of client libraries ask for; there is no spot market here. */
export function answerSpot(path: string, tsMs: number): RestAnswer | undefined {
  if (path === '/api/v3/ping') return toJson('{}');
  if (path === '/api/v3/time') return toJson(`{"serverTime":${tsMs}}`);
  if (path !== '/api/v3/exchangeInfo') return undefined;
  return toJson(`{"timezone":"CST","serverTime":${tsMs},"rateLimits":[],"exchangeFilters":[],"symbols":[]}`);
}

/** `GET deals/{symbol}`: newest first, without trade ids (docs/protocol.md §6). */
function toDealsData({ market }: Feed, limit: number): string {
  const count = Math.min(Math.max(1, limit || 100), 100);
  const items = market.trades.slice(-count).toReversed();
  return `[${items.map(({ priceText, contracts, takerSide, opens, selfTransact, atMs }) => `{"p":${priceText},"v":${contracts},"T":${takerSide},"O":${opens},"M":${selfTransact},"t":${atMs}}`).join(',')}]`;
}

const toSeconds = (text: string | null): number | undefined =>
  text === null || !Number.isFinite(Number(text)) ? undefined : Number(text);
