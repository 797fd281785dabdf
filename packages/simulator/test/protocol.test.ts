import { describe, test } from 'vitest';
import { Client, openVenue } from './harness.ts';

describe('protocol', { timeout: 30_000 }, () => {
  test('acks every subscription in the order of the commands, also the repeated one', async ({ expect }) => {
    await using venue = await openVenue({ rate: 0 });
    await using client = await Client.open(venue);
    for (const method of ['sub.deal', 'sub.ticker', 'sub.depth.full', 'sub.deal']) client.send(method, { symbol: 'BTC_USDT' });
    client.send('sub.tickers', {});
    client.send('sub.contract');
    await client.waitFor('rs.sub.contract');
    expect(client.texts.map((text) => JSON.parse(text).channel).filter((channel: string) => channel.startsWith('rs.'))).toEqual([
      'rs.sub.deal',
      'rs.sub.ticker',
      'rs.sub.depth.full',
      'rs.sub.deal',
      'rs.sub.tickers',
      'rs.sub.contract',
    ]);
  });

  test('does not double a stream that is subscribed twice', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await Client.open(venue);
    client.send('sub.deal', { symbol: 'BTC_USDT' });
    client.send('sub.deal', { symbol: 'BTC_USDT' });
    const frames = await client.waitFor('push.deal', 20);
    expect(new Set(frames).size).toBe(frames.length);
  });

  test('names the unknown contract and keeps the socket open', async ({ expect }) => {
    await using venue = await openVenue({ rate: 0 });
    await using client = await Client.open(venue);
    client.send('sub.deal', { symbol: 'NOPE_USDT' });
    const [error = ''] = await client.waitFor('rs.error');
    expect(JSON.parse(error).data).toBe('Contract [NOPE_USDT] not exists');
    client.send('ping');
    await client.waitFor('pong');
  });

  test('refuses an interval and a limit that do not exist', async ({ expect }) => {
    await using venue = await openVenue({ rate: 0 });
    await using client = await Client.open(venue);
    client.send('sub.kline', { symbol: 'BTC_USDT', interval: 'Hour1' });
    client.send('sub.depth.full', { symbol: 'BTC_USDT', limit: 0 });
    await client.waitFor('rs.error', 2);
    expect(client.data('rs.error')).toEqual(['Not support interval', 'Not support limit']);
  });

  test('answers unknown methods, text that is no JSON and unsubscriptions with silence', async ({ expect }) => {
    await using venue = await openVenue({ rate: 0 });
    await using client = await Client.open(venue);
    client.ws.send('hello');
    client.ws.send('[]');
    client.ws.send('{"method":7}');
    client.send('sub.nothing', { symbol: 'BTC_USDT' });
    client.send('unsub.deal', { symbol: 'BTC_USDT' });
    client.send('ping');
    await client.waitFor('pong');
    expect(client.texts).toHaveLength(1);
  });

  test.for(['unsub.depth.full', 'usub.depth.full'])('ends the stream at %s', async (method, { expect }) => {
    await using venue = await openVenue();
    await using client = await Client.open(venue);
    client.send('sub.depth.full', { symbol: 'BTC_USDT', limit: 5 });
    client.send('sub.deal', { symbol: 'BTC_USDT' });
    await client.waitFor('push.depth.full');
    client.send(method, { symbol: 'BTC_USDT' });
    client.send('ping');
    await client.waitFor('pong');
    const before = client.of('push.depth.full').length;
    const deals = client.of('push.deal').length;
    await client.waitFor('push.deal', deals + 10);
    expect(client.of('push.depth.full')).toHaveLength(before);
  });

  test('replaces the limit of depth.full', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await Client.open(venue);
    client.send('sub.depth.full', { symbol: 'BTC_USDT', limit: 5 });
    client.send('sub.depth.full', { symbol: 'BTC_USDT', limit: 10 });
    await client.waitFor('rs.sub.depth.full', 2);
    const before = client.of('push.depth.full').length;
    const frames = await client.waitFor('push.depth.full', before + 10);
    for (const text of frames.slice(before)) expect(JSON.parse(text).data.asks).toHaveLength(10);
  });

  test('sends tickers rows of every symbol, and the contract', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await Client.open(venue);
    client.send('sub.tickers', {});
    client.send('sub.contract', {});
    await client.waitFor('push.tickers');
    await client.waitFor('push.contract');
    expect(client.data('push.tickers')[0].map((row: { symbol: string }) => row.symbol)).toEqual(['BTC_USDT', 'ETH_USDT']);
    expect(client.of('push.tickers')[0]).toMatch(/^\{"channel":"push\.tickers","data":\[\{"contractId":/);
    expect(client.data('push.contract')[0]).toMatchObject({ symbol: 'BTC_USDT', contractSize: 0.0001, state: 0 });
  });

  test('cuts a session that sends no JSON ping, with a sentence and no close frame', async ({ expect }) => {
    await using venue = await openVenue({ idleCutMs: 300 });
    await using client = await Client.open(venue);
    client.subscribe('BTC_USDT');
    expect(await client.closed()).toBe(1006);
    expect(client.data('rs.error')).toEqual(['more than 1 seconds no response, close the channel']);
    expect(client.texts.at(-1)).toContain('rs.error');
  });

  test('says 60 seconds when the cut is at 60 seconds', async ({ expect }) => {
    let now = 0;
    const clock = {
      now: () => 1.7e12 + now,
      monotonic: () => now,
      sleep: () => new Promise<void>((resolve) => setTimeout(resolve, 5)),
    };
    await using venue = await openVenue({ clock, rate: 0, pongDelayMs: 0 });
    await using client = await Client.open(venue);
    now += 59_000;
    client.send('ping');
    await client.waitFor('pong');
    now += 59_000;
    client.send('ping');
    await client.waitFor('pong', 2);
    now += 60_000;
    expect(await client.closed()).toBe(1006);
    expect(client.data('rs.error')).toEqual(['more than 60 seconds no response, close the channel']);
  });

  test('does not cut a session that pings', async ({ expect }) => {
    await using venue = await openVenue({ idleCutMs: 400, rate: 0 });
    await using client = await Client.open(venue);
    for (let ping = 1; ping <= 40; ping += 1) {
      client.send('ping');
      await client.waitFor('pong', ping);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(client.closeCode).toBeUndefined();
  });

  test('serves /ws as well and refuses other paths with 404', async ({ expect }) => {
    await using venue = await openVenue({ rate: 0 });
    await using client = await Client.open({ ...venue, wsUrl: venue.wsUrl.replace('/edge', '/ws?Trans-Protocol=JSON') });
    client.send('ping');
    await client.waitFor('pong');
    const refused = await Client.open({ ...venue, wsUrl: venue.wsUrl.replace('/edge', '/else') }).catch((error: Error) => error);
    expect(refused).toMatchObject({ message: expect.stringContaining('404') });
  });
});
