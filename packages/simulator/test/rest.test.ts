import { describe, test } from 'vitest';
import { Client, get, openVenue } from './harness.ts';

const BASE = '/api/v1/contract';

describe('REST', { timeout: 30_000 }, () => {
  test('lists the contracts with every field that market loaders need', async ({ expect }) => {
    await using venue = await openVenue();
    const all = await get(`${venue.restUrl}${BASE}/detail`);
    expect(all.data.map((row: { symbol: string; contractSize: number }) => [row.symbol, row.contractSize])).toEqual([
      ['BTC_USDT', 0.0001],
      ['ETH_USDT', 0.01],
    ]);
    const one = await get(`${venue.restUrl}${BASE}/detail?symbol=btc_usdt`);
    expect(one).toMatchObject({ success: true, code: 0 });
    expect(one.data).toMatchObject({
      symbol: 'BTC_USDT',
      baseCoin: 'BTC',
      quoteCoin: 'USDT',
      settleCoin: 'USDT',
      futureType: 1,
      priceUnit: 0.1,
      priceScale: 1,
      volUnit: 1,
      volScale: 0,
      amountScale: 4,
      minVol: 1,
      state: 0,
      isHidden: false,
      apiAllowed: true,
      depthStepList: ['0.1', '1', '10', '100'],
    });
  });

  test.for(['ticker?symbol=NOPE_USDT', 'depth/BTCUSDT', 'deals/NOPE_USDT', 'kline/NOPE_USDT', 'funding_rate/NOPE_USDT'])(
    'answers 1001 for an unknown contract: %s',
    async (path, { expect }) => {
      await using venue = await openVenue({ rate: 0 });
      const response = await fetch(`${venue.restUrl}${BASE}/${path}`);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ success: false, code: 1001 });
    },
  );

  test('answers ticker, prices, funding, currencies and ping', async ({ expect }) => {
    await using venue = await openVenue();
    const data = async (path: string): Promise<unknown> => (await get(`${venue.restUrl}${BASE}/${path}`)).data;
    expect(await data('ping')).toBeTypeOf('number');
    expect(await data('ticker')).toHaveLength(2);
    expect(await data('ticker?symbol=BTC_USDT')).toMatchObject({ symbol: 'BTC_USDT', riseFallRates: { zone: 'UTC+8' } });
    expect(await data('index_price/BTC_USDT')).toMatchObject({ symbol: 'BTC_USDT', indexPrice: expect.any(Number) });
    expect(await data('fair_price/eth_usdt')).toMatchObject({ symbol: 'ETH_USDT', fairPrice: expect.any(Number) });
    expect(await data('funding_rate/BTC_USDT')).toMatchObject({
      symbol: 'BTC_USDT',
      collectCycle: 8,
      idxPrice: expect.any(Number),
    });
    expect(await data('funding_rate/history?symbol=BTC_USDT&page_num=2&page_size=30')).toMatchObject({
      pageSize: 30,
      totalCount: 100,
      totalPage: 4,
      currentPage: 2,
    });
    expect(await data('support_currencies')).toEqual(['USDT']);
  });

  test('serves depth without cts, behind the socket by no more than allowed', async ({ expect }) => {
    await using venue = await openVenue({ restLagVersions: 20, depthLimiter: { requests: 1000, windowMs: 1000 } });
    await using client = await Client.open(venue);
    client.send('sub.depth', { symbol: 'BTC_USDT', compress: false });
    await client.waitFor('push.depth', 50);
    const lags = new Set<number>();
    for (let request = 0; request < 30; request += 1) {
      const latest: number = (await get(`${venue.restUrl}${BASE}/depth_commits/BTC_USDT/1`)).data[0].version;
      const { data } = await get(`${venue.restUrl}${BASE}/depth/BTC_USDT?limit=5`);
      expect(Object.keys(data)).toEqual(['cts', 'asks', 'bids', 'version', 'timestamp']);
      expect(data).toMatchObject({ cts: null, asks: { length: 5 }, bids: { length: 5 } });
      expect(data.version).toBeGreaterThanOrEqual(latest - 20);
      lags.add(latest - data.version);
    }
    expect(lags.size).toBeGreaterThan(1);
  });

  test.for([
    ['newest-first', -1],
    ['ascending', 1],
  ] as const)('lists commits %s', async ([commitOrder, step], { expect }) => {
    await using venue = await openVenue({ commitOrder, rate: 0 });
    const { data } = await get(`${venue.restUrl}${BASE}/depth_commits/BTC_USDT/50`);
    expect(data).toHaveLength(50);
    const versions: number[] = data.map((change: { version: number }) => change.version);
    expect(versions.slice(1).every((version, index) => version === versions[index]! + step)).toBe(true);
  });

  test('answers 510 with HTTP 200 when depth is asked too often, and forgets it after the window', async ({ expect }) => {
    await using venue = await openVenue({ rate: 0, depthLimiter: { requests: 3, windowMs: 300 } });
    const ask = (symbol: string): Promise<Response> => fetch(`${venue.restUrl}${BASE}/depth/${symbol}`);
    for (const symbol of ['BTC_USDT', 'ETH_USDT', 'BTC_USDT'])
      expect(await (await ask(symbol)).json()).toMatchObject({ code: 0 });
    const refused = await ask('ETH_USDT');
    expect(refused.status).toBe(200);
    const body = await refused.json();
    expect(body).toMatchObject({ success: false, code: 510, message: expect.stringMatching(/^Requests are too frequent/) });
    await expect.poll(async () => (await get(`${venue.restUrl}${BASE}/depth/BTC_USDT`)).code, { timeout: 10_000 }).toBe(0);
  });

  test('lists the last trades, newest first', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await Client.open(venue);
    client.send('sub.deal', { symbol: 'BTC_USDT' });
    await client.waitFor('push.deal', 10);
    venue.pause();
    const { data } = await get(`${venue.restUrl}${BASE}/deals/BTC_USDT?limit=5`);
    expect(data).toHaveLength(5);
    await expect.poll(() => client.data('push.deal').at(-1)[0].p).toBe(data[0].p);
    expect(Object.keys(data[0])).toEqual(['p', 'v', 'T', 'O', 'M', 't']);
  });

  test('serves klines in columns of the asked window, the same each time', async ({ expect }) => {
    await using venue = await openVenue({ rate: 0 });
    const end = 1_763_800_000;
    const url = `${venue.restUrl}${BASE}/kline/BTC_USDT?interval=Min15&start=${end - 9000}&end=${end}`;
    const { data } = await get(url);
    expect(Object.keys(data).slice(0, 7)).toEqual(['time', 'open', 'close', 'high', 'low', 'vol', 'amount']);
    expect(data.time).toHaveLength(10);
    expect(data.time.every((time: number) => time % 900 === 0)).toBe(true);
    data.open.slice(1).forEach((open: number, index: number) => expect(open).toBe(data.close[index]));
    expect((await get(url)).data).toEqual(data);
    expect(await get(`${venue.restUrl}${BASE}/kline/index_price/BTC_USDT?interval=Min1`)).toMatchObject({ code: 0 });
    expect(await get(`${venue.restUrl}${BASE}/kline/BTC_USDT?interval=Hour1`)).toMatchObject({ code: 600 });
    expect(await get(`${venue.restUrl}${BASE}/kline/BTC_USDT?start=20&end=10`)).toMatchObject({ code: 6003 });
  });

  test('has an empty spot market, and 404 elsewhere', async ({ expect }) => {
    await using venue = await openVenue({ rate: 0 });
    expect(await get(`${venue.restUrl}/api/v3/exchangeInfo`)).toMatchObject({ symbols: [] });
    expect((await fetch(`${venue.restUrl}/else`)).status).toBe(404);
    expect((await fetch(`${venue.restUrl}${BASE}/constructor/BTC_USDT`)).status).toBe(404);
  });

  test('tells the caller its address', async ({ expect }) => {
    await using venue = await openVenue({ rate: 0 });
    expect(await (await fetch(`${venue.restUrl}/ip`)).text()).toBe('127.0.0.1');
  });
});
