import { describe, test } from 'vitest';
import xxhash from 'xxhash-wasm';
import { Client, get, openVenue, post, waitFor } from './harness.ts';

describe('journal', { timeout: 30_000 }, () => {
  test('equals what a plain client received', async ({ expect }) => {
    await using venue = await openVenue({ rate: 2000 });
    await using client = await Client.open(venue);
    client.subscribe('BTC_USDT', 'ETH_USDT');
    client.send('sub.depth', { symbol: 'BTC_USDT' });
    client.send('sub.deal', { symbol: 'NOPE_USDT' });
    client.send('ping');
    await client.waitFor('push.ticker', 10);
    venue.pause();
    const { total, symbols, controls, sessions } = venue.journal();
    await waitFor('all frames', () => client.messages.length >= total.frames + 8);
    const rows = client.texts.filter((text) => !/"channel":"(pong|rs\.sub)/.test(text));
    expect(rows).toHaveLength(total.frames);
    expect(rows.join('').length).toBe(total.bytes);

    const hasher = await xxhash();
    const digest = rows.reduce((sum, row) => BigInt.asUintN(64, sum + hasher.h64Raw(Buffer.from(row))), 0n);
    expect(String(digest)).toBe(total.digest);
    const ofBtc = rows.filter((row) => row.includes('"symbol":"BTC_USDT"'));
    expect(symbols['BTC_USDT']).toMatchObject({
      frames: ofBtc.length,
      channels: { 'push.depth': client.of('push.depth').length },
    });
    expect(symbols['']).toMatchObject({ frames: 1, channels: { 'rs.error': 1 } });
    expect(controls).toEqual({ pong: 1, 'rs.sub.ticker': 2, 'rs.sub.deal': 2, 'rs.sub.depth.full': 2, 'rs.sub.depth': 1 });
    expect(sessions).toMatchObject([{ id: 1, remoteAddress: '127.0.0.1', rows: rows.length, controls: 8 }]);
    expect(sessions[0]!.symbols).toEqual(symbols);
    await expect.poll(() => venue.journal().sessions[0]!.unsentBytes).toBe(0);
    expect(venue.frames().map((frame) => frame.text)).toEqual(rows);
    expect(venue.frames('BTC_USDT').map((frame) => frame.text)).toEqual(ofBtc);
  });

  test('is the same over HTTP, with frames on request', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await Client.open(venue);
    client.subscribe('BTC_USDT');
    await client.waitFor('push.deal', 3);
    venue.pause();
    expect(await get(`${venue.controlUrl}/journal`)).toEqual(JSON.parse(JSON.stringify(venue.journal())));
    const { frames } = await get(`${venue.controlUrl}/journal?frames=1&symbol=BTC_USDT`);
    expect(frames).toEqual(venue.frames('BTC_USDT'));
    expect((await get(`${venue.controlUrl}/journal?frames=1&symbol=ETH_USDT`)).frames).toEqual([]);
  });

  test('counts a frame once for each session', async ({ expect }) => {
    await using venue = await openVenue();
    await using first = await Client.open(venue);
    await using second = await Client.open(venue);
    for (const client of [first, second]) client.send('sub.deal', { symbol: 'BTC_USDT' });
    await first.waitFor('push.deal', 5);
    await second.waitFor('push.deal', 5);
    venue.pause();
    const { total, sessions } = venue.journal();
    expect(total.frames).toBe(sessions[0]!.rows + sessions[1]!.rows);
  });

  test('books no frame to a closed session, and says who closed it', async ({ expect }) => {
    await using venue = await openVenue();
    await using client = await Client.open(venue);
    client.send('sub.deal', { symbol: 'BTC_USDT' });
    await client.waitFor('push.deal', 3);
    client.ws.terminate();
    await waitFor('the close', () => venue.journal().sessions[0]?.closedAtMs !== undefined);
    const before = venue.journal();
    expect(before.sessions[0]).toMatchObject({ closedBy: 'client', rows: before.total.frames });
    await using next = await Client.open(venue);
    next.send('sub.ticker', { symbol: 'BTC_USDT' });
    await next.waitFor('push.ticker', 2);
    expect(venue.journal().sessions[0]).toEqual(before.sessions[0]);
  });

  test('keeps no more frames than asked and counts the rest', async ({ expect }) => {
    await using venue = await openVenue({ journalFrames: 5 });
    await using client = await Client.open(venue);
    client.subscribe('BTC_USDT');
    await client.waitFor('push.deal', 5);
    venue.pause();
    expect(venue.frames()).toHaveLength(5);
    expect(venue.journal().framesForgotten).toBe(venue.journal().total.frames - 5);
  });

  test('knows the bytes that a client which stops reading never got', async ({ expect }) => {
    await using venue = await openVenue({ rate: 20_000, journalFrames: false });
    await using client = await Client.open(venue);
    client.subscribe('BTC_USDT', 'ETH_USDT');
    await client.waitFor('push.deal');
    client.ws.pause();
    await waitFor('a full socket', () => venue.journal().sessions[0]!.unsentBytes > 1_000_000);
    venue.pause();
    venue.inject({ type: 'terminate', reset: true });
    await waitFor('the close', () => venue.journal().sessions[0]!.closedAtMs !== undefined);
    const [session] = venue.journal().sessions;
    expect(session!.unsentBytes).toBeGreaterThan(1_000_000);
    expect(session!.rowsFlushed).toBeLessThan(session!.rows);
    client.ws.resume();
    await client.closed();
    expect(client.messages.length).toBeLessThan(session!.rows);
  });

  test('resets a session whose unsent bytes exceed the bound', async ({ expect }) => {
    await using venue = await openVenue({ rate: 20_000, journalFrames: false, maxBufferedBytes: 100_000 });
    await using client = await Client.open(venue);
    client.subscribe('BTC_USDT', 'ETH_USDT');
    await client.waitFor('push.deal');
    client.ws.pause();
    await waitFor('the reset', () => venue.journal().sessions[0]!.closedAtMs !== undefined);
    expect(venue.journal().sessions[0]).toMatchObject({ closedBy: 'simulator' });
    client.ws.resume();
  });

  test('sends canaries in strict sequence, also while the market pauses', async ({ expect }) => {
    await using venue = await openVenue({ rate: 0 });
    venue.pause();
    expect(await post(`${venue.controlUrl}/canary`, { symbol: 'BTC_USDT', rate: 2000, count: 300 })).toEqual({
      sent: 0,
      count: 300,
    });
    await using client = await Client.open(venue);
    client.send('sub.deal', { symbol: 'BTC_USDT' });
    const frames = await client.waitFor('push.canary', 300);
    expect(frames[0]).toMatch(/^\{"symbol":"BTC_USDT","data":\{"n":1\},"channel":"push\.canary","ts":\d{13}\}$/);
    expect(client.data('push.canary').map((data) => data.n)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    expect(venue.journal()).toMatchObject({
      canaries: { BTC_USDT: { sent: 300, count: 300 } },
      symbols: { BTC_USDT: { frames: 300 } },
    });
  });
});
