import type { Contract } from '../contract.ts';
import type { Trade } from '../market.ts';

/** The form since 2025: an array, newest first, `i` and `cts` as strings (docs/protocol.md §4.3). `trades` are oldest first. */
export function toDealFrame(contract: Contract, trades: readonly Trade[], tsMs: number): string {
  const items = trades.map(toItemText).toReversed().join(',');
  return `{"symbol":"${contract.symbol}","data":[${items}],"channel":"push.deal","ts":${tsMs}}`;
}

/** The form until 2025, and of the venue's clones: one object a frame. */
export function toObjectDealFrame(contract: Contract, trade: Trade, tsMs: number): string {
  const { priceText, contracts, takerSide, opens, selfTransact, atMs } = trade;
  return `{"symbol":"${contract.symbol}","data":{"p":${priceText},"v":${contracts},"T":${takerSide},"O":${opens},"M":${selfTransact},"t":${atMs}},"channel":"push.deal","ts":${tsMs}}`;
}

/** `cts` may be missing on the wire: here it is missing on every older item with an even number of contracts. */
function toItemText(trade: Trade, index: number, all: readonly Trade[]): string {
  const cts = index === all.length - 1 || trade.contracts % 2 === 1 ? `,"cts":"${trade.atMs}"` : '';
  return `{"p":${trade.priceText},"v":${trade.contracts},"T":${trade.takerSide},"O":${trade.opens},"M":${trade.selfTransact},"t":${trade.atMs},"i":"${trade.id}"${cts}}`;
}
