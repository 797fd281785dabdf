import { once } from 'node:events';
import { connect } from 'node:net';
import { CaptureError } from '@mexc-toolkit/core';
import { describe, test } from 'vitest';
import { openSimulator, type SimulatorOptions } from '../src/index.ts';
import { Client, openVenue, post } from './harness.ts';

const codeOf = async (options: SimulatorOptions): Promise<unknown> =>
  await openSimulator(options).then(
    () => 'opened',
    (error: unknown) => (CaptureError.is(error) ? error.code : error),
  );

describe('simulator', { timeout: 30_000 }, () => {
  test.for(['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.0.0.1.evil.com'])(
    'refuses to listen on %s',
    async (host, { expect }) => {
      expect(await codeOf({ symbols: ['BTC_USDT'], host })).toBe('USAGE_INVALID');
    },
  );

  test.for(['127.0.0.2', 'localhost'])('listens on %s', async (host, { expect }) => {
    await using venue = await openSimulator({ symbols: ['BTC_USDT'], host, rate: 0 });
    expect((await fetch(`${venue.restUrl}/ip`)).status).toBe(200);
  });

  test('refuses options out of range, no symbols, and malformed symbols', async ({ expect }) => {
    expect(await codeOf({ symbols: ['BTC_USDT'], rate: -1 })).toBe('USAGE_INVALID');
    expect(await codeOf({ symbols: ['BTC_USDT'], rate: Number.NaN })).toBe('USAGE_INVALID');
    expect(await codeOf({ symbols: [] })).toBe('USAGE_INVALID');
    expect(await codeOf({ symbols: ['BTC/USDT'] })).toBe('SYMBOL_MALFORMED');
  });

  test('says SIMULATOR_FAILED when the port is taken', async ({ expect }) => {
    await using venue = await openVenue({ rate: 0 });
    expect(await codeOf({ symbols: ['BTC_USDT'], port: Number(new URL(venue.restUrl).port) })).toBe('SIMULATOR_FAILED');
  });

  test('closes its sessions and its port when disposed, also twice', async ({ expect }) => {
    const venue = await openVenue();
    await using client = await Client.open(venue);
    client.subscribe('BTC_USDT');
    await client.waitFor('push.deal');
    await Promise.all([venue[Symbol.asyncDispose](), venue[Symbol.asyncDispose]()]);
    expect(await client.closed()).toBe(1006);
    expect(await fetch(venue.restUrl).catch((error: Error) => error)).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  test('closes while its port is closed by a fault', async ({ expect }) => {
    const venue = await openVenue();
    venue.inject({ type: 'refuse-connections', ms: 60_000 });
    await venue[Symbol.asyncDispose]();
    expect(await fetch(venue.restUrl).catch((error: Error) => error)).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  test('survives malformed targets and callers that go away', async ({ expect }) => {
    await using venue = await openVenue({ rate: 0 });
    const { port } = new URL(venue.restUrl);
    for (const head of ['GET // HTTP/1.1\r\nHost: a', 'POST /control/faults HTTP/1.1\r\nHost: a\r\nContent-Length: 100']) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => {});
      socket.write(`${head}\r\n\r\n{`, () => socket.resetAndDestroy());
      await once(socket, 'close');
    }
    expect((await fetch(`${venue.restUrl}/ip`)).status).toBe(200);
    expect((await fetch(`${venue.controlUrl}/constructor`)).status).toBe(400);
  });

  test('closes when its signal aborts', async ({ expect }) => {
    const abort = new AbortController();
    await using venue = await openVenue({ signal: abort.signal });
    await using client = await Client.open(venue);
    abort.abort();
    expect(await client.closed()).toBe(1006);
  });

  test('spreads the frames over its symbols, and sends none while paused', async ({ expect }) => {
    await using venue = await openVenue({ rate: 1000, symbols: ['BTC_USDT', 'ETH_USDT', 'SOL_USDT'] });
    await using client = await Client.open(venue);
    client.subscribe('BTC_USDT', 'ETH_USDT', 'SOL_USDT');
    await client.waitFor('push.ticker', 30);
    await post(`${venue.controlUrl}/pause`, {});
    const { symbols, total } = venue.journal();
    for (const tally of Object.values(symbols)) expect(Math.abs(tally.frames - total.frames / 3)).toBeLessThanOrEqual(12);
    expect(total.channels['push.depth.full']!).toBeGreaterThan(total.channels['push.deal']!);
    expect(total.channels['push.deal']!).toBeGreaterThan(total.channels['push.ticker']!);
    client.send('ping');
    await client.waitFor('pong');
    expect(venue.journal().total.frames).toBe(total.frames);
    await post(`${venue.controlUrl}/resume`, {});
    await post(`${venue.controlUrl}/rate`, { rate: 2000 });
    await client.waitFor('push.ticker', 60);
  });
});
