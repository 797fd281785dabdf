import type { Market } from '../market.ts';
import { toDecimalText, toNumberText } from '../number-text.ts';
import { INTERVAL_SECONDS } from '../candles.ts';
import { toContractDetail } from '../rest/contract-detail.ts';

/** Settlements lie on UTC hours (docs/protocol.md §4.2); every 8 hours here. */
const SETTLE_EVERY_MS = 8 * 3_600_000;

export const nextSettleTimeMs = (nowMs: number): number => (Math.floor(nowMs / SETTLE_EVERY_MS) + 1) * SETTLE_EVERY_MS;

/** `push.funding.rate` */
export function toFundingRateFrame(market: Market, tsMs: number): string {
  const { symbol } = market.contract;
  return `{"symbol":"${symbol}","data":{"symbol":"${symbol}","rate":${toNumberText(market.fundingMicros, 6)},"nextSettleTime":${nextSettleTimeMs(tsMs)}},"channel":"push.funding.rate","ts":${tsMs}}`;
}

/** `push.index.price` */
export const toIndexPriceFrame = (market: Market, tsMs: number): string => toPriceFrame(market, 'index.price', tsMs);

/** `push.fair.price` */
export const toFairPriceFrame = (market: Market, tsMs: number): string => toPriceFrame(market, 'fair.price', tsMs);

/** `push.contract`: the whole contract, as in REST detail. */
export function toContractFrame(market: Market, tsMs: number): string {
  const { contract } = market;
  return `{"channel":"push.contract","data":${JSON.stringify(toContractDetail(contract))},"symbol":"${contract.symbol}","ts":${tsMs}}`;
}

/** `push.kline`: `t` in seconds; no flag tells that a candle is final (docs/protocol.md §4.2). */
export function toKlineFrame(market: Market, interval: string, tsMs: number): string | undefined {
  const candle = market.candles.current(interval);
  if (!candle || INTERVAL_SECONDS[interval] === undefined) return undefined;
  const { symbol, priceScale } = market.contract;
  const price = (ticks: number): string => toNumberText(ticks, priceScale, 'fixed');
  // The venue writes some turnovers with an exponent (docs/protocol.md §2).
  const turnover = toDecimalText(candle.turnover, 4, candle.contracts % 4 === 0 ? 'exponent' : 'plain');
  return `{"symbol":"${symbol}","data":{"symbol":"${symbol}","interval":"${interval}","t":${candle.start},"o":${price(candle.open)},"c":${price(candle.close)},"h":${price(candle.high)},"l":${price(candle.low)},"a":${turnover},"q":${candle.contracts},"ro":${price(candle.realOpen)},"rc":${price(candle.close)},"rh":${price(candle.high)},"rl":${price(candle.low)}},"channel":"push.kline","ts":${tsMs}}`;
}

function toPriceFrame(market: Market, channel: 'index.price' | 'fair.price', tsMs: number): string {
  const { symbol, priceScale } = market.contract;
  const ticks = channel === 'index.price' ? market.indexTicks : market.fairTicks;
  return `{"symbol":"${symbol}","data":{"symbol":"${symbol}","price":${toNumberText(ticks, priceScale)}},"channel":"push.${channel}","ts":${tsMs}}`;
}
