import { pro } from 'ccxt';
import { describe, test } from 'vitest';
import { openSimulator, type Simulator } from '../src/index.ts';

const SYMBOL = 'BTC/USDT:USDT';

/** ccxt's own client, unmodified except where it connects. */
async function openClient(venue: Simulator) {
  const client = new pro.mexc();
  Object.assign(client.urls['api'], {
    spot: { public: venue.restUrl },
    contract: { public: `${venue.restUrl}/api/v1/contract` },
    ws: { swap: venue.wsUrl },
  });
  // ccxt asks for this before it speaks ws:// instead of wss://.
  await client.loadHttpProxyAgent();
  await client.loadMarkets();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

const openVenue = (): Promise<Simulator> => openSimulator({ symbols: ['BTC_USDT', 'ETH_USDT'], rate: 100, journalFrames: true });

describe('ccxt pro', () => {
  test('loads the markets', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await openClient(venue);
    expect(Object.keys(client.markets!)).toEqual([SYMBOL, 'ETH/USDT:USDT']);
    expect(client.market(SYMBOL)).toMatchObject({ id: 'BTC_USDT', swap: true, linear: true, active: true, contractSize: 0.0001 });
  });

  test('watches the ticker that was sent', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await openClient(venue);
    const ticker = await client.watchTicker(SYMBOL);
    const sent = framesOf(venue, 'push.ticker').map((frame) => frame.data.lastPrice);
    expect(sent).toContain(ticker.last);
  });

  test('watches every trade that was sent', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await openClient(venue);
    for (let update = 0; update < 30; update += 1) await client.watchTrades(SYMBOL);
    venue.pause();
    const sent = framesOf(venue, 'push.deal').flatMap((frame) => frame.data);
    const expected = sent.map((item) => [item.p, item.v, item.T === 1 ? 'buy' : 'sell', item.t]);
    expect(expected.length).toBeGreaterThanOrEqual(30);
    const read = (): unknown[] =>
      [...client.trades[SYMBOL]!].map((trade) => [trade.price, trade.amount, trade.side, trade.timestamp]);
    await expect.poll(read, { timeout: 10_000 }).toEqual(expected);
  });

  test('watches an order book that is never crossed and agrees with the market', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await openClient(venue);
    for (let update = 0; update < 10; update += 1) {
      const book = await client.watchOrderBook(SYMBOL);
      expect(book.bids[0]![0]).toBeLessThan(book.asks[0]![0]!);
    }
    venue.pause();
    // ccxt keeps the order count of its first snapshot: compare price and size.
    const held = toSizes(client.orderbooks[SYMBOL]!.asks).slice(0, 20);
    expect(held).toHaveLength(20);
    const fetchSizes = async (): Promise<unknown> => toSizes((await client.fetchOrderBook(SYMBOL, 20)).asks);
    await expect.poll(fetchSizes, { interval: 500, timeout: 20_000 }).toEqual(held);
  });

  test('fetches what the venue serves', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await openClient(venue);
    await client.watchTrades(SYMBOL);
    venue.pause();
    const ticker = await client.fetchTicker(SYMBOL);
    expect(ticker.bid!).toBeLessThan(ticker.ask!);
    const trades = await client.fetchTrades(SYMBOL);
    expect(trades.at(-1)!.price).toBe(ticker.last);
    expect(await client.fetchOHLCV(SYMBOL, '5m', undefined, 5)).toHaveLength(5);
    expect((await client.fetchFundingRate(SYMBOL)).symbol).toBe(SYMBOL);
  });
});

// oxlint-disable-next-line typescript/no-explicit-any -- the frames are the simulator's own
function framesOf(venue: Simulator, channel: string): any[] {
  return venue
    .frames('BTC_USDT')
    .filter((frame) => frame.channel === channel)
    .map((frame) => JSON.parse(frame.text));
}

const toSizes = (levels: Iterable<readonly unknown[]>): unknown[] => [...levels].map(([price, size]) => [price, size]);
