/** Orders are accepted within this fraction around the index price: `maxBidPrice`, `minAskPrice` (docs/protocol.md §4.1). */
export const PRICE_LIMIT_RATE = 0.1;
