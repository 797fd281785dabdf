/** Orders are accepted within this fraction around the index price: `maxBidPrice`, `minAskPrice` (mexc-protocol §4.1). */
export const PRICE_LIMIT_RATE = 0.1;
