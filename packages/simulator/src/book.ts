import type { Contract } from './contract.ts';

export type Side = 'asks' | 'bids';

export interface Level {
  readonly ticks: number;
  readonly priceText: string;
  size: number;
  orders: number;
  /** `[price,contracts,orderCount]` as it stands in a frame. */
  text: string;
}

/** One version of the book: always exactly one level (docs/protocol.md §5.2, unmerged). */
export interface Change {
  readonly version: number;
  readonly side: Side;
  readonly ticks: number;
  readonly priceText: string;
  /** Contracts after the change; 0 deletes the level. */
  readonly size: number;
  readonly orders: number;
  readonly sizeBefore: number;
  readonly ordersBefore: number;
  /** Matching engine time, whole milliseconds. */
  readonly atMs: number;
}

/** How many past versions can be asked for: the venue serves up to 1000 commits. */
const HISTORY_VERSIONS = 4096;

/** The order book of one contract. Every change raises the version by exactly 1, and no change leaves it crossed. */
export class Book {
  /** Best first: asks ascending, bids descending. */
  readonly asks: Level[] = [];
  readonly bids: Level[] = [];
  readonly #contract: Contract;
  readonly #toPriceText: (ticks: number) => string;
  readonly #history: Change[] = [];
  #version: number;
  /** Called after each change. */
  onChange: ((change: Change) => void) | undefined;

  constructor(contract: Contract, toPriceText: (ticks: number) => string) {
    this.#contract = contract;
    this.#toPriceText = toPriceText;
    this.#version = contract.firstVersion;
  }

  get version(): number {
    return this.#version;
  }
  get bestAsk(): number {
    return this.asks[0]?.ticks ?? this.#contract.startTicks + 1;
  }
  get bestBid(): number {
    return this.bids[0]?.ticks ?? this.#contract.startTicks;
  }

  /** The change that made `version`, while it is remembered. */
  change(version: number): Change | undefined {
    const change = this.#history[version % HISTORY_VERSIONS];
    return change?.version === version ? change : undefined;
  }

  /** Sets the absolute size at a price; 0 deletes. Returns false, and changes nothing, where that would cross the book. */
  set(side: Side, ticks: number, order: { readonly size: number; readonly orders: number; readonly atMs: number }): boolean {
    if (ticks < 1 || (side === 'asks' ? ticks <= this.bestBid : ticks >= this.bestAsk)) return false;
    const levels = this[side];
    const index = findLevel(levels, side, ticks);
    const found = levels[index]?.ticks === ticks ? levels[index] : undefined;
    if (order.size === 0 && !found) return false;
    const priceText = found?.priceText ?? this.#toPriceText(ticks);
    const { size, orders, atMs } = order;
    const before = { sizeBefore: found?.size ?? 0, ordersBefore: found?.orders ?? 0 };
    if (size === 0) levels.splice(index, 1);
    else if (found) Object.assign(found, { size, orders, text: `[${priceText},${size},${orders}]` });
    else levels.splice(index, 0, { ticks, priceText, size, orders, text: `[${priceText},${size},${orders}]` });
    this.#version += 1;
    const change: Change = { version: this.#version, side, ticks, priceText, size, orders, ...before, atMs };
    this.#history[this.#version % HISTORY_VERSIONS] = change;
    this.onChange?.(change);
    return true;
  }

  /** The first `limit` levels of a side, comma-separated, without brackets. */
  topText(side: Side, limit: number): string {
    const levels = this[side];
    const end = Math.min(limit, levels.length);
    let text = levels[0]?.text ?? '';
    for (let at = 1; at < end; at += 1) text += `,${levels[at]?.text ?? ''}`;
    return text;
  }
}

/** Index of `ticks`, or where it would be inserted. */
function findLevel(levels: readonly Level[], side: Side, ticks: number): number {
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = levels[middle]?.ticks ?? 0;
    if (side === 'asks' ? at < ticks : at > ticks) low = middle + 1;
    else high = middle;
  }
  return low;
}
