import { Book, type Level, type Side } from './book.ts';
import { Candles } from './candles.ts';
import type { Contract } from './contract.ts';
import { pickStyle, toNumberText } from './number-text.ts';
import { hashText, Random } from './random.ts';

/** One trade, at the price of the book's best level at that moment. */
export interface Trade {
  readonly ticks: number;
  readonly priceText: string;
  readonly contracts: number;
  /** 1 taker buys, 2 taker sells (`T`). */
  readonly takerSide: 1 | 2;
  /** 1 opens, 2 reduces, 3 leaves the position unchanged (`O`). */
  readonly opens: 1 | 2 | 3;
  /** `M`: 1 yes, 2 no. */
  readonly selfTransact: 1 | 2;
  readonly id: string;
  readonly atMs: number;
}

export interface MarketOptions {
  readonly seed: number;
  /** Levels a side that the market keeps up. */
  readonly bookLevels: number;
  /** The next trade id: one counter for the whole exchange, so ids of one symbol are not consecutive. */
  readonly nextTradeId: () => string;
}

/** REST serves at most 100 trades (docs/protocol.md §6). */
const RECENT_TRADES = 100;
/** Where orders come and go: the venue's activity is near the top of the book. */
const BUSY_LEVELS = 30;

/** A self-consistent market in one contract: quotes, trades and statistics always agree with its book. */
export class Market {
  readonly contract: Contract;
  readonly book: Book;
  readonly candles = new Candles();
  /** Newest last. */
  readonly trades: Trade[] = [];
  readonly #random: Random;
  readonly #options: MarketOptions;
  readonly openTicks: number;
  lastTicks: number;
  highTicks: number;
  lowTicks: number;
  indexTicks: number;
  fairTicks: number;
  volume24: number;
  amount24: number;
  holdVolume: number;
  /** Millionths; applied at the next settlement. */
  fundingMicros: number;

  constructor(contract: Contract, options: MarketOptions, atMs: number) {
    this.contract = contract;
    this.#options = options;
    this.#random = new Random(options.seed ^ hashText(contract.symbol));
    const { startTicks } = contract;
    this.book = new Book(contract, (ticks) => toNumberText(ticks, contract.priceScale, pickStyle(this.#random)));
    this.openTicks = Math.round(startTicks * (0.96 + this.#random.next() * 0.08));
    this.lastTicks = this.indexTicks = this.fairTicks = startTicks;
    this.highTicks = Math.round(Math.max(startTicks, this.openTicks) * 1.01);
    this.lowTicks = Math.round(Math.min(startTicks, this.openTicks) * 0.99);
    this.volume24 = this.#random.integer(20_000_000, 900_000_000);
    this.amount24 = this.volume24 * this.turnover(startTicks, 1);
    this.holdVolume = Math.round(this.volume24 / 9);
    this.fundingMicros = this.#random.integer(-50, 100);
    while (this.book.asks.length < options.bookLevels) this.#extend('asks', atMs);
    while (this.book.bids.length < options.bookLevels) this.#extend('bids', atMs);
  }

  /** Turnover of `contracts` at a price: quote currency, or base coin when inverse (docs/protocol.md §4.1). */
  turnover(ticks: number, contracts: number): number {
    const price = ticks / 10 ** this.contract.priceScale;
    const { contractSize, inverse } = this.contract;
    return inverse ? (contracts * contractSize) / price : contracts * contractSize * price;
  }

  /** Changes the book by one version. */
  step(atMs: number): void {
    const { asks, bids, bestAsk, bestBid } = this.book;
    const side: Side = this.#random.chance(0.5) ? 'asks' : 'bids';
    const levels = side === 'asks' ? asks : bids;
    if (levels.length < this.#options.bookLevels) return this.#extend(side, atMs);
    if (levels.length > this.#options.bookLevels + BUSY_LEVELS) return this.#resize(side, levels.at(-1), { size: 0, atMs });
    if (bestAsk - bestBid > 1 && this.#random.chance(0.5)) return this.#improve(atMs);
    const index = Math.floor(this.#random.next() ** 2 * BUSY_LEVELS);
    const roll = this.#random.next();
    const level = levels[index];
    const next = levels[index + 1];
    if (roll < 0.1 && level && next && Math.abs(next.ticks - level.ticks) > 1) {
      const ticks = level.ticks + Math.sign(next.ticks - level.ticks);
      this.book.set(side, ticks, { size: this.#pickSize(), orders: this.#pickOrders(), atMs });
    } else {
      this.#resize(side, level, { size: roll < 0.2 ? 0 : this.#pickSize(), atMs });
    }
  }

  /** Trades against the best level, which changes the book by one version. */
  trade(atMs: number): Trade | undefined {
    const takerSide = this.#random.chance(this.#upwardChance()) ? 1 : 2;
    const side: Side = takerSide === 1 ? 'asks' : 'bids';
    const best = this.book[side][0];
    if (!best || this.book[side].length < 2) return undefined;
    const whole = best.size === 1 || this.#random.chance(0.08);
    const contracts = whole ? best.size : Math.min(best.size - 1, 1 + Math.floor(this.#random.next() ** 4 * best.size * 0.3));
    const { ticks, priceText } = best;
    this.#resize(side, best, { size: best.size - contracts, atMs });
    const trade: Trade = {
      ticks,
      priceText,
      contracts,
      takerSide,
      opens: this.#random.chance(0.7) ? 3 : this.#random.chance(0.5) ? 1 : 2,
      selfTransact: this.#random.chance(0.6) ? 1 : 2,
      id: this.#options.nextTradeId(),
      atMs,
    };
    this.#account(trade);
    return trade;
  }

  /** Moves index and fair price a little around the last trade. */
  driftReferences(): void {
    const noise = Math.max(2, Math.round(this.lastTicks * 0.000_05));
    this.indexTicks = this.lastTicks + this.#random.integer(-noise, noise);
    this.fairTicks = this.lastTicks + this.#random.integer(-noise, noise);
  }

  #account(trade: Trade): void {
    const turnover = this.turnover(trade.ticks, trade.contracts);
    this.lastTicks = trade.ticks;
    this.highTicks = Math.max(this.highTicks, trade.ticks);
    this.lowTicks = Math.min(this.lowTicks, trade.ticks);
    this.volume24 += trade.contracts;
    this.amount24 += turnover;
    if (trade.opens === 1) this.holdVolume += trade.contracts;
    this.candles.add({ ticks: trade.ticks, contracts: trade.contracts, turnover, atMs: trade.atMs });
    this.trades.push(trade);
    if (this.trades.length >= 2 * RECENT_TRADES) this.trades.splice(0, RECENT_TRADES);
  }

  #resize(side: Side, level: Level | undefined, order: { size: number; atMs: number }): void {
    if (level) this.book.set(side, level.ticks, { ...order, orders: order.size === 0 ? 0 : this.#pickOrders() });
  }

  /** A new best quote inside the spread, on the side that brings the price back to where it began. */
  #improve(atMs: number): void {
    const side: Side = this.#random.chance(this.#upwardChance()) ? 'bids' : 'asks';
    const ticks = side === 'bids' ? this.book.bestBid + 1 : this.book.bestAsk - 1;
    this.book.set(side, ticks, { size: this.#pickSize(), orders: this.#pickOrders(), atMs });
  }

  /** A new worst level. */
  #extend(side: Side, atMs: number): void {
    const gap = 1 + Math.floor(this.#random.next() ** 3 * 4);
    const worst = this.book[side].at(-1)?.ticks;
    const ticks = side === 'asks' ? (worst ?? this.book.bestBid) + gap : (worst ?? this.book.bestAsk) - gap;
    this.book.set(side, ticks, { size: this.#pickSize(), orders: this.#pickOrders(), atMs });
  }

  #upwardChance(): number {
    const distance = (this.contract.startTicks - this.lastTicks) / this.contract.startTicks;
    return Math.min(0.9, Math.max(0.1, 0.5 + distance * 20));
  }

  #pickSize(): number {
    return 1 + Math.floor(this.#random.next() ** 2 * 3 * this.contract.levelSize);
  }

  #pickOrders(): number {
    return 1 + Math.floor(this.#random.next() ** 3 * 8);
  }
}
