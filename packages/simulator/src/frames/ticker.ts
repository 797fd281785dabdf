import type { Market } from '../market.ts';
import { PRICE_LIMIT_RATE } from '../price-limit.ts';
import { toDecimalText, toNumberText } from '../number-text.ts';

/** `push.ticker` (docs/protocol.md §4.1). */
export function toTickerFrame(market: Market, tsMs: number): string {
  const price = (ticks: number): string => toNumberText(ticks, market.contract.priceScale);
  const { book, contract } = market;
  const rate = riseFallRate(market);
  return `{"symbol":"${contract.symbol}","data":{${toSharedFields(market, tsMs)},"bid1":${price(book.bestBid)},"ask1":${price(book.bestAsk)},"holdVol":${market.holdVolume},"riseFallValue":${toNumberText(market.lastTicks - market.openTicks, contract.priceScale, 'fixed')},"fundingRate":${toNumberText(market.fundingMicros, 6)},"zone":"UTC+8","riseFallRates":[${rate},${longRates(market)}],"riseFallRatesOfTimezone":[-0.0238,-0.0153,${rate}]},"channel":"push.ticker","ts":${tsMs}}`;
}

/** `push.tickers`: rows without quotes, no top-level symbol. */
export function toTickersFrame(markets: readonly Market[], tsMs: number): string {
  const rows = markets.map((market) => `{"contractId":${market.contract.id},${toSharedFields(market, tsMs)}}`);
  return `{"channel":"push.tickers","data":[${rows.join(',')}],"ts":${tsMs}}`;
}

/** A REST ticker: like the socket's, but `riseFallRates` is an object (docs/protocol.md §4.1). */
export function toRestTicker(market: Market, tsMs: number): string {
  const price = (ticks: number): string => toNumberText(ticks, market.contract.priceScale);
  const { book, contract } = market;
  const rate = riseFallRate(market);
  const value = toNumberText(market.lastTicks - market.openTicks, contract.priceScale);
  return `{"contractId":${contract.id},${toSharedFields(market, tsMs)},"bid1":${price(book.bestBid)},"ask1":${price(book.bestAsk)},"holdVol":${market.holdVolume},"riseFallValue":${value},"fundingRate":${toNumberText(market.fundingMicros, 6)},"riseFallRates":{"zone":"UTC+8","r":${rate},"v":${value},"r7":-0.0594,"r30":0.1172,"r90":-0.3674,"r180":0.3499,"r365":0.0065},"riseFallRatesOfTimezone":[-0.0238,-0.0153,${rate}]}`;
}

function toSharedFields(market: Market, tsMs: number): string {
  const { contract, indexTicks } = market;
  const price = (ticks: number): string => toNumberText(ticks, contract.priceScale);
  const highest = price(Math.round(indexTicks * (1 + PRICE_LIMIT_RATE)));
  const lowest = price(Math.round(indexTicks * (1 - PRICE_LIMIT_RATE)));
  return `"symbol":"${contract.symbol}","lastPrice":${price(market.lastTicks)},"riseFallRate":${riseFallRate(market)},"fairPrice":${price(market.fairTicks)},"indexPrice":${toNumberText(indexTicks, contract.priceScale, 'fixed')},"volume24":${market.volume24},"amount24":${toDecimalText(market.amount24, 4)},"maxBidPrice":${highest},"minAskPrice":${lowest},"lower24Price":${price(market.lowTicks)},"high24Price":${price(market.highTicks)},"timestamp":${tsMs}`;
}

/** A fraction, cut to 4 decimals, zeros kept: -0.0270. */
function riseFallRate(market: Market): string {
  return toNumberText(Math.trunc(((market.lastTicks - market.openTicks) / market.openTicks) * 10_000), 4, 'fixed');
}

const longRates = (market: Market): string =>
  [7, 30, 90, 180, 365].map((days) => toNumberText(((market.contract.id * days) % 8000) - 4000, 4, 'fixed')).join(',');
