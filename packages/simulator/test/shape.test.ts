import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { Client, openVenue } from './harness.ts';

const readFixture = (name: string): string => readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), 'utf8').trim();

/** Keys in their order and types of values; of an array its first element. Trade items may lack `cts`. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]);
}

const shapeOfText = (text: string): unknown => shapeOf(JSON.parse(text));

const SUBSCRIPTIONS: Readonly<Record<string, { method: string; param: object; channel: string }>> = {
  'depth-merged': { method: 'sub.depth', param: {}, channel: 'push.depth' },
  'depth-full': { method: 'sub.depth.full', param: { limit: 20 }, channel: 'push.depth.full' },
  'depth-step': { method: 'sub.depth.step', param: { step: '10' }, channel: 'push.depth.step' },
  deal: { method: 'sub.deal', param: {}, channel: 'push.deal' },
  ticker: { method: 'sub.ticker', param: {}, channel: 'push.ticker' },
  kline: { method: 'sub.kline', param: { interval: 'Min1' }, channel: 'push.kline' },
  'funding-rate': { method: 'sub.funding.rate', param: {}, channel: 'push.funding.rate' },
  'index-price': { method: 'sub.index.price', param: {}, channel: 'push.index.price' },
  'fair-price': { method: 'sub.fair.price', param: {}, channel: 'push.fair.price' },
};

/** A merged frame may have changes of one side only; the fixture has both. */
const isWhole = (text: string): boolean => !text.includes('"asks":[]') && !text.includes('"bids":[]');

describe('frames', { timeout: 30_000 }, () => {
  test.for(Object.entries(SUBSCRIPTIONS))(
    '%s has the keys, order and types of the venue',
    async ([name, subscription], { expect }) => {
      await using venue = await openVenue();
      await using client = await Client.open(venue);
      client.send(subscription.method, { symbol: 'BTC_USDT', ...subscription.param });
      await expect.poll(() => client.of(subscription.channel).some(isWhole), { timeout: 10_000 }).toBe(true);
      const frame = client.of(subscription.channel).find(isWhole)!;
      expect(shapeOfText(frame)).toEqual(shapeOfText(readFixture(name)));
    },
  );

  test('unmerged depth has one level a version', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await Client.open(venue);
    client.send('sub.depth', { symbol: 'BTC_USDT', compress: false });
    const frames = await client.waitFor('push.depth', 20);
    const fixture: object = JSON.parse(readFixture('depth-unmerged'));
    for (const text of frames) {
      const frame = JSON.parse(text);
      expect(Object.keys(frame)).toEqual(Object.keys(fixture));
      expect(Object.keys(frame.data)).toEqual(['cts', 'asks', 'bids', 'version']);
      expect(frame.data.asks.length + frame.data.bids.length).toBe(1);
    }
  });

  test('object deals have the keys of 2025', async ({ expect }) => {
    await using venue = await openVenue({ objectDeals: true });
    await using client = await Client.open(venue);
    client.send('sub.deal', { symbol: 'BTC_USDT' });
    const [frame = ''] = await client.waitFor('push.deal');
    expect(shapeOfText(frame)).toEqual(shapeOfText(readFixture('deal-object')));
  });

  test('acks, errors and pongs have the keys of the venue', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await Client.open(venue);
    client.send('sub.depth', { symbol: 'BTC_USDT' });
    client.send('sub.depth', { symbol: 'NOPE_USDT' });
    client.send('ping');
    const [ack = ''] = await client.waitFor('rs.sub.depth');
    const [error = ''] = await client.waitFor('rs.error');
    const [pong = ''] = await client.waitFor('pong');
    expect(shapeOfText(ack)).toEqual(shapeOfText(readFixture('ack')));
    expect(error.replace(/\d{13}/, '')).toBe(readFixture('error').replace(/\d{13}/, ''));
    expect(shapeOfText(pong)).toEqual(shapeOfText(readFixture('pong')));
  });

  test('a full frame of 20 levels is about as long as the real ones', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await Client.open(venue);
    client.send('sub.depth.full', { symbol: 'BTC_USDT', limit: 20 });
    const frames = await client.waitFor('push.depth.full', 10);
    for (const frame of frames) {
      expect(frame.length).toBeGreaterThan(600);
      expect(frame.length).toBeLessThan(1200);
    }
  });

  test('number literals come in all the styles of the venue', async ({ expect }) => {
    await using venue = await openVenue({ rate: 2000 });
    await using client = await Client.open(venue);
    client.send('sub.depth.full', { symbol: 'BTC_USDT', limit: 200 });
    await expect.poll(() => client.of('push.depth.full').join(''), { timeout: 10_000 }).toMatch(/\[\d\.\d+E\+4,/);
    const text = client.of('push.depth.full').join('');
    expect(text).toMatch(/\[\d{5}\.\d0,/);
    expect(text).toMatch(/\[\d{5}\.\d,/);
  });
});
