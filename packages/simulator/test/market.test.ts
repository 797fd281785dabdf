import { describe, test } from 'vitest';
import { toContract } from '../src/contract.ts';
import { Market } from '../src/market.ts';
import { Client, get, openVenue, waitFor, type Data } from './harness.ts';

describe('market', { timeout: 30_000 }, () => {
  test.for(['BTC_USDT', 'ETH_USDT', 'WHATEVER_USDT', 'BTC_USD'])(
    '%s is never crossed, and versions are contiguous',
    (symbol, { expect }) => {
      let id = 0;
      const market = new Market(toContract(symbol), { seed: 3, bookLevels: 60, nextTradeId: () => String((id += 1)) }, 0);
      let last = market.book.version;
      let crossed = 0;
      let gaps = 0;
      market.book.onChange = (change) => {
        if (change.version !== last + 1) gaps += 1;
        if (market.book.bestBid >= market.book.bestAsk) crossed += 1;
        last = change.version;
      };
      for (let round = 0; round < 20_000; round += 1) {
        market.step(round);
        if (round % 3 !== 0) continue;
        const { bestAsk, bestBid } = market.book;
        const trade = market.trade(round)!;
        expect(trade.ticks).toBe(trade.takerSide === 1 ? bestAsk : bestBid);
      }
      expect({ crossed, gaps }).toEqual({ crossed: 0, gaps: 0 });
      expect(last).toBeGreaterThan(toContract(symbol).firstVersion + 20_000);
      expect(market.book.bestAsk - market.book.bestBid).toBeLessThan(market.contract.startTicks * 0.01);
      expect(Math.abs(market.lastTicks - market.contract.startTicks)).toBeLessThan(market.contract.startTicks * 0.2);
      expect(market.book.asks.length).toBeGreaterThanOrEqual(50);
    },
  );

  test('is the same for the same seed', ({ expect }) => {
    expect(runSeed(1)).toBe(runSeed(1));
    expect(runSeed(1)).not.toBe(runSeed(2));
  });

  test('merged depth is contiguous and leads from a REST snapshot to the book', async ({ expect }) => {
    await using venue = await openVenue({ depthMergeMs: 20 });
    await using client = await Client.open(venue);
    client.send('sub.depth', { symbol: 'BTC_USDT' });
    await client.waitFor('push.depth', 60);
    const { data: snapshot } = await get(`${venue.restUrl}/api/v1/contract/depth/BTC_USDT`);
    await client.waitFor('push.depth', client.of('push.depth').length + 20);
    venue.pause();
    const { data: book } = await get(`${venue.restUrl}/api/v1/contract/depth_commits/BTC_USDT/1`);
    const end: number = book[0].version;
    await waitFor('the last merge', () => client.data('push.depth').at(-1).end === end);

    const frames = client.data('push.depth');
    frames.slice(1).forEach((frame, index) => expect(frame.begin).toBe(frames[index].end + 1));
    const levels = applyFrames(snapshot, frames);
    const live = await lastSnapshot(venue.restUrl, end);
    expect(levels).toEqual(applyFrames(live, []));
  });

  test('unmerged depth has every version', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await Client.open(venue);
    client.send('sub.depth', { symbol: 'ETH_USDT', compress: false });
    await client.waitFor('push.depth', 100);
    const versions: number[] = client.data('push.depth').map((data) => data.version);
    expect(versions.slice(1).every((version, index) => version === versions[index]! + 1)).toBe(true);
  });

  test('ticker and trades agree with the book', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await Client.open(venue);
    client.subscribe('BTC_USDT');
    await client.waitFor('push.ticker', 3);
    let lastPrice: number | undefined;
    for (const text of client.texts) {
      const { channel, data } = JSON.parse(text);
      if (channel === 'push.deal') lastPrice = data[0].p;
      if (channel === 'push.depth.full') {
        expect(data.bids[0][0]).toBeLessThan(data.asks[0][0]);
        expect(data.bids).toEqual(data.bids.toSorted((a: number[], b: number[]) => b[0]! - a[0]!));
        expect(data.asks).toEqual(data.asks.toSorted((a: number[], b: number[]) => a[0]! - b[0]!));
      }
      if (channel !== 'push.ticker') continue;
      expect(data.bid1).toBeLessThan(data.ask1);
      if (lastPrice !== undefined) expect(data.lastPrice).toBe(lastPrice);
    }
  });

  test('trade ids grow, and are not consecutive', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await Client.open(venue);
    client.send('sub.deal', { symbol: 'BTC_USDT' });
    await client.waitFor('push.deal', 30);
    const ids: number[] = client
      .data('push.deal')
      .flatMap((data: { i: string }[]) => data.toReversed().map((item) => Number(item.i)));
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(ids.at(-1)! - ids[0]!).toBeGreaterThan(ids.length);
  });
});

/** Price by value → size, of both sides. */
function applyFrames(snapshot: Data, frames: Data[]): Record<string, number> {
  const levels: Record<string, number> = {};
  const apply = (data: Data): void => {
    for (const side of ['asks', 'bids']) {
      for (const [price, size] of data[side]) {
        if (size === 0) delete levels[`${side}${price}`];
        else levels[`${side}${price}`] = size;
      }
    }
  };
  apply(snapshot);
  for (const frame of frames) if (frame.end > snapshot.version) apply(frame);
  return Object.fromEntries(Object.entries(levels).toSorted(([a], [b]) => a.localeCompare(b)));
}

/** While the market pauses, REST soon serves its last version, because nothing newer makes it lag. */
async function lastSnapshot(restUrl: string, version: number): Promise<Data> {
  let found: Data;
  for (let attempt = 0; attempt < 50 && found?.version !== version; attempt += 1) {
    const { data } = await get(`${restUrl}/api/v1/contract/depth/BTC_USDT`);
    found = data;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return found;
}

/** The top of a book after 500 changes. */
function runSeed(seed: number): string {
  const market = new Market(toContract('BTC_USDT'), { seed, bookLevels: 60, nextTradeId: () => '1' }, 0);
  for (let round = 0; round < 500; round += 1) market.step(round);
  return market.book.topText('asks', 20);
}
