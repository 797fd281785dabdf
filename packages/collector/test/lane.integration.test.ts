import { openSimulator } from '@mexc-toolkit/simulator';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { TestEngine } from './support/engine.ts';
import { LaneProcess, openHome, TestLane } from './support/lane.ts';
import { findBreaks, findForeign, readFacts, readGaps, readStored } from './support/rows.ts';
import { waitFor } from './support/wait-for.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await TestEngine.open();
});
afterAll(() => engine[Symbol.asyncDispose]());

const openVenue = (rate = 400) =>
  openSimulator({ symbols: ['BTC_USDT', 'ETH_USDT', 'BTC_USD'], rate, pongDelayMs: 1, journalFrames: true });

describe('a lane', () => {
  test('stores what the venue sent, all of it, once, in order and byte for byte', async ({ expect }) => {
    await using venue = await openVenue(2000);
    await using store = engine.openStore();
    using paths = openHome();
    const subscriptions = { depth: 'merged' as const, kline: ['Min1'], fundingRate: true, indexPrice: true, fairPrice: true };
    await using lane = new TestLane({ paths, store, venue, symbols: ['BTC_USDT', 'BTC_USD'], changes: { subscriptions } });
    await waitFor('3000 frames', () => venue.journal().total.frames > 3000);
    venue.pause();
    const { total, symbols } = venue.journal();
    await waitFor(
      'every row',
      async () => (await readFacts(store, 'btc')).rows + (await readFacts(store, 'btc_usd')).rows === total.frames,
    );
    const last = await lane.stop();

    for (const [base, symbol] of [
      ['btc', 'BTC_USDT'],
      ['btc_usd', 'BTC_USD'],
    ] as const) {
      const rows = await readStored(store, base);
      const tally = symbols[symbol]!;
      expect(await readFacts(store, base)).toEqual({ rows: tally.frames, digest: tally.digest });
      expect(findBreaks(rows)).toEqual([]);
      const channels = Object.groupBy(rows, (row) => JSON.parse(row.m).channel);
      expect(Object.fromEntries(Object.entries(channels).map(([name, of]) => [name, of!.length]))).toEqual(tally.channels);
      for (const row of rows) expect(row.tsMs).toBe(JSON.parse(row.m).ts);
      const types = new Set(rows.map((row) => `${JSON.parse(row.m).channel} ${row.mt}`));
      expect([...types].toSorted()).toEqual([
        'push.deal d',
        'push.depth dp',
        'push.depth.full dp',
        'push.fair.price dl',
        'push.funding.rate dl',
        'push.index.price dl',
        'push.kline dl',
        'push.ticker t',
      ]);
    }
    expect(last).toMatchObject({ state: 'stopped', rows: total.frames, backlogRows: 0, errors: 0, reconnects: 0 });
    expect(await readGaps(store, 'BTC_USDT')).toEqual([]);
  });
});
