import { gunzipSync } from 'node:zlib';
import { CaptureError } from '@mexc-toolkit/core';
import { describe, test } from 'vitest';
import { Client, get, openVenue, post, waitFor } from './harness.ts';

const symbol = 'BTC_USDT';

describe('faults', { timeout: 30_000 }, () => {
  test('an unknown type or field is refused with what is known', async ({ expect }) => {
    await using venue = await openVenue({ rate: 0 });
    const { error } = await post(`${venue.controlUrl}/faults`, { type: 'meteor' });
    expect(error).toMatchObject({ code: 'USAGE_INVALID', message: expect.stringContaining('depth-gap') });
    const inject = (fault: object): Promise<{ error: unknown }> => post(`${venue.controlUrl}/faults`, fault);
    expect((await inject({ type: 'raw', symbol, text: 7 })).error).toMatchObject({ message: expect.stringContaining('"text"') });
    expect((await inject({ type: 'pongs', perPing: 1, color: 1 })).error).toMatchObject({
      message: expect.stringContaining('"color"'),
    });
    expect((await inject({ type: 'depth-gap', symbol: 'NOPE_USDT' })).error).toMatchObject({
      message: expect.stringContaining('NOPE_USDT'),
    });
    expect((await inject({ type: 'close', reason: 'x'.repeat(200) })).error).toMatchObject({ code: 'USAGE_INVALID' });
    expect((await inject({ type: 'close', code: 1006 })).error).toMatchObject({ code: 'USAGE_INVALID' });
    expect((await fetch(`${venue.controlUrl}/faults`, { method: 'POST', body: '[' })).status).toBe(400);
    expect((await get(`${venue.controlUrl}/faults`)).types).toContain('half-frame');
  });

  test('a fault with a wrong field does nothing', async ({ expect }) => {
    await using venue = await openVenue({ rate: 0 });
    await using client = await Client.open(venue);
    const { error } = await post(`${venue.controlUrl}/faults`, { type: 'close', cod: 1001 });
    expect(error).toMatchObject({ code: 'USAGE_INVALID', message: expect.stringContaining('"cod"') });
    client.send('ping');
    await client.waitFor('pong');
  });

  test('a wrong fault throws USAGE_INVALID in process', async ({ expect }) => {
    await using venue = await openVenue({ rate: 0 });
    const inject = (): unknown => venue.inject({ type: 'pongs', perPing: -1 });
    expect(inject).toThrow(expect.toSatisfy((error: unknown) => CaptureError.is(error, 'USAGE_INVALID')));
  });

  describe('of frames', () => {
    test('depth-gap breaks the chain of begin and end once', async ({ expect }) => {
      await using depth = await openDepth('sub.depth');
      depth.venue.inject({ type: 'depth-gap', symbol });
      await depth.after(6);
      const frames = depth.client.data('push.depth');
      const gaps = frames.slice(1).filter((frame, index) => frame.begin !== frames[index].end + 1);
      expect(gaps).toHaveLength(1);
    });

    test('duplicate-frame repeats a frame, and the journal counts both', async ({ expect }) => {
      await using depth = await openDepth('sub.depth');
      depth.venue.inject({ type: 'duplicate-frame', symbol, channel: 'push.depth' });
      const frames = await depth.after(6);
      expect(frames.length - new Set(frames).size).toBe(1);
      depth.venue.pause();
      await waitFor('the rest', () => depth.client.of('push.depth').length === depth.venue.journal().total.frames);
    });

    test('stale-version lowers version, begin and end', async ({ expect }) => {
      await using depth = await openDepth('sub.depth');
      depth.venue.inject({ type: 'stale-version', symbol, by: 1_000_000 });
      await depth.after(6);
      const frames = depth.client.data('push.depth');
      const stale = frames.filter((frame) => frame.version < frames[0].version);
      expect(stale).toHaveLength(1);
      expect(stale[0].end).toBe(stale[0].version);
    });

    test('stale-version reaches depth.full', async ({ expect }) => {
      await using depth = await openDepth('sub.depth.full');
      depth.venue.inject({ type: 'stale-version', symbol, channel: 'depth.full', by: 1_000_000, times: 2 });
      await depth.after(6);
      const versions: number[] = depth.client.data('push.depth.full').map((data) => data.version);
      expect(versions.filter((version) => version < versions[0]!)).toHaveLength(2);
    });

    test.for([
      ['missing', { begin: undefined, end: undefined }],
      ['null', { begin: null, end: null }],
      ['zero', { begin: 0, end: 0 }],
    ] as const)('begin-end makes them %s', async ([value, expected], { expect }) => {
      await using depth = await openDepth('sub.depth');
      depth.venue.inject({ type: 'begin-end', symbol, value });
      await depth.after(3);
      const odd = depth.client.data('push.depth').find((data) => !data.begin);
      expect({ begin: odd.begin, end: odd.end }).toEqual(expected);
      expect(odd.version).toBeGreaterThan(0);
    });

    test('no-version leaves it out', async ({ expect }) => {
      await using depth = await openDepth('sub.depth');
      depth.venue.inject({ type: 'no-version', symbol });
      await depth.after(3);
      expect(depth.client.data('push.depth').filter((data) => !('version' in data))).toHaveLength(1);
    });

    test('gzip-frame sends a frame as gzip, and the journal books the text inside', async ({ expect }) => {
      await using depth = await openDepth('sub.depth');
      depth.venue.inject({ type: 'gzip-frame', symbol });
      await waitFor('the binary frame', () => depth.client.messages.some((message) => message.isBinary));
      const text = gunzipSync(depth.client.messages.find((message) => message.isBinary)!.bytes).toString();
      expect(text).toContain('"channel":"push.depth"');
      expect(depth.venue.frames(symbol).map((frame) => frame.text)).toContain(text);
    });
  });

  describe('of sessions', () => {
    test('close sends the code', async ({ expect }) => {
      await using deals = await openDeals();
      expect(deals.venue.inject({ type: 'close', symbol, code: 1012, reason: 'restart' })).toEqual({
        type: 'close',
        sessions: 1,
      });
      expect(await deals.client.closed()).toBe(1012);
    });

    test.for([false, true])('terminate ends TCP without a close frame (reset: %s)', async (reset, { expect }) => {
      await using deals = await openDeals();
      deals.venue.inject({ type: 'terminate', session: 1, reset });
      expect(await deals.client.closed()).toBe(1006);
      if (!reset) expect(deals.client.of('push.deal')).toHaveLength(deals.venue.journal().total.frames);
    });

    test('half-frame cuts within a frame, which the journal does not count', async ({ expect }) => {
      await using deals = await openDeals();
      deals.venue.pause();
      deals.venue.inject({ type: 'half-frame', symbol });
      expect(await deals.client.closed()).toBe(1006);
      expect(deals.venue.journal().total.frames).toBe(deals.client.texts.length - 1);
    });

    test('stall-session leaves a session half-open until it is resumed', async ({ expect }) => {
      await using deals = await openDeals();
      await using other = await Client.open(deals.venue);
      other.send('sub.deal', { symbol: 'ETH_USDT' });
      deals.venue.inject({ type: 'stall-session', session: 1 });
      deals.client.send('ping');
      const before = deals.client.messages.length;
      await other.waitFor('push.deal', 20);
      expect(deals.client.messages.length - before).toBeLessThanOrEqual(1);
      expect(deals.client.of('pong')).toEqual([]);
      deals.venue.inject({ type: 'resume-session', session: 1 });
      await deals.client.waitFor('pong');
      await deals.client.waitFor('push.deal', deals.client.of('push.deal').length + 1);
    });

    test('hold-reading leaves pings unanswered, then resumes by itself', async ({ expect }) => {
      await using deals = await openDeals();
      deals.venue.inject({ type: 'hold-reading', symbol, ms: 300 });
      deals.client.send('ping');
      await deals.client.waitFor('push.deal', deals.client.of('push.deal').length + 2);
      expect(deals.client.of('pong')).toEqual([]);
      await deals.client.waitFor('pong');
    });

    test('hold-writing delivers late and loses nothing', async ({ expect }) => {
      await using deals = await openDeals();
      deals.venue.inject({ type: 'hold-writing', symbol, ms: 200 });
      await deals.client.waitFor('push.deal', deals.client.of('push.deal').length + 20);
      deals.venue.pause();
      await waitFor('the rest', () => deals.client.of('push.deal').length === deals.venue.journal().total.frames);
      expect(deals.client.of('push.deal')).toEqual(deals.venue.frames().map((frame) => frame.text));
    });

    test('raw sends any text, repeated or not', async ({ expect }) => {
      await using deals = await openDeals();
      deals.venue.inject({ type: 'raw', symbol, text: '{"channel":"push.deal","channel":"twice"' });
      deals.venue.inject({ type: 'raw', symbol, text: '[', repeat: 10_000_000 });
      await waitFor('the long frame', () => deals.client.messages.some((message) => message.bytes.length === 10_000_000));
      expect(deals.client.texts).toContain('{"channel":"push.deal","channel":"twice"');
      expect(deals.venue.journal().symbols[symbol]!.channels['raw']).toBe(2);
    });

    test('raw sends text that is not UTF-8, which a strict client refuses and a lenient one gets', async ({ expect }) => {
      await using venue = await openVenue({ rate: 0 });
      await using strict = await Client.open(venue);
      await using lenient = await Client.open(venue, { skipUTF8Validation: true });
      for (const client of [strict, lenient]) client.send('sub.deal', { symbol });
      for (const client of [strict, lenient]) await client.waitFor('rs.sub.deal');
      venue.inject({ type: 'raw', symbol, base64: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('base64') });
      await strict.closed();
      expect(strict.error).toMatchObject({ code: 'WS_ERR_INVALID_UTF8' });
      await waitFor('the bytes', () => lenient.messages.length === 2);
      expect(lenient.messages[1]).toEqual({ bytes: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), isBinary: false });
      expect(venue.frames(symbol)).toMatchObject([{ encoding: 'base64' }, { encoding: 'base64' }]);
    });

    test('binary-garbage sends bytes that are neither gzip nor text', async ({ expect }) => {
      await using deals = await openDeals();
      deals.venue.inject({ type: 'binary-garbage', symbol, bytes: 1000 });
      await waitFor('the garbage', () => deals.client.messages.some((message) => message.isBinary));
      expect(deals.client.messages.find((message) => message.isBinary)!.bytes).toHaveLength(1000);
    });
  });

  describe('of the venue', () => {
    test('pongs sets how many pongs a ping gets', async ({ expect }) => {
      await using venue = await openVenue({ rate: 0 });
      await using client = await Client.open(venue);
      venue.inject({ type: 'pongs', perPing: 2 });
      client.send('ping');
      await client.waitFor('pong', 2);
      venue.inject({ type: 'pongs', perPing: 0 });
      client.send('ping');
      client.send('sub.deal', { symbol });
      await client.waitFor('rs.sub.deal');
      venue.inject({ type: 'pongs', perPing: 1 });
      client.send('ping');
      await client.waitFor('pong', 3);
      expect(client.of('pong')).toHaveLength(3);
    });

    test('stall-symbol silences one channel of one symbol until resumed', async ({ expect }) => {
      await using venue = await openVenue();
      await using client = await Client.open(venue);
      client.subscribe(symbol, 'ETH_USDT');
      await client.waitFor('push.deal', 4);
      venue.inject({ type: 'stall-symbol', symbol, channel: 'deal' });
      const deals = (name: string): string[] => client.of('push.deal').filter((text) => text.includes(name));
      await client.waitFor('push.ticker', client.of('push.ticker').length + 1);
      const before = deals(symbol).length;
      const [others, full] = [deals('ETH_USDT').length, client.of('push.depth.full').length];
      await waitFor(
        'other frames',
        () => deals('ETH_USDT').length > others + 9 && client.of('push.depth.full').length > full + 9,
      );
      expect(deals(symbol)).toHaveLength(before);
      venue.inject({ type: 'resume-symbol', symbol });
      await waitFor('deals again', () => deals(symbol).length > before);
    });

    test('unsub-acks answers unsubscriptions, and the journal takes it as a control frame', async ({ expect }) => {
      await using venue = await openVenue({ rate: 0 });
      await using client = await Client.open(venue);
      venue.inject({ type: 'unsub-acks', on: true });
      client.send('unsub.deal', { symbol });
      await client.waitFor('rs.unsub.deal');
      expect(venue.journal()).toMatchObject({ total: { frames: 0 }, controls: { 'rs.unsub.deal': 1 } });
    });

    test('object-deals switches the form of deals', async ({ expect }) => {
      await using venue = await openVenue();
      await using client = await Client.open(venue);
      client.send('sub.deal', { symbol });
      await client.waitFor('push.deal');
      venue.inject({ type: 'object-deals', on: true, symbol });
      await waitFor('an object', () => client.data('push.deal').some((data) => !Array.isArray(data)));
      expect(Array.isArray(client.data('push.deal')[0])).toBe(true);
    });

    test.for([403, 429, 503])('refuse-handshakes answers %d as often as asked', async (status, { expect }) => {
      await using venue = await openVenue({ rate: 0 });
      venue.inject({ type: 'refuse-handshakes', status, count: 2 });
      for (let attempt = 0; attempt < 2; attempt += 1) {
        const refused = await Client.open(venue).catch((error: Error) => error);
        expect(refused).toMatchObject({ message: expect.stringContaining(String(status)) });
      }
      await using client = await Client.open(venue);
      expect(client.ws.readyState).toBe(1);
    });

    test('drop-handshakes ends TCP without an answer', async ({ expect }) => {
      await using venue = await openVenue({ rate: 0 });
      venue.inject({ type: 'drop-handshakes', count: 1 });
      expect(await Client.open(venue).catch((error: Error) => error)).toMatchObject({ message: 'socket hang up' });
      await using client = await Client.open(venue);
      expect(client.ws.readyState).toBe(1);
    });

    test('refuse-connections closes the port for a while; open sessions live on', async ({ expect }) => {
      await using venue = await openVenue();
      await using client = await Client.open(venue);
      client.send('sub.deal', { symbol });
      venue.inject({ type: 'refuse-connections', ms: 300 });
      expect(await Client.open(venue).catch((error: Error) => error)).toMatchObject({ code: 'ECONNREFUSED' });
      await client.waitFor('push.deal', client.of('push.deal').length + 2);
      await expect
        .poll(
          () =>
            Client.open(venue).then(
              (next) => next.ws.readyState,
              () => 0,
            ),
          { timeout: 10_000 },
        )
        .toBe(1);
    });

    test('refuse-rest answers with the page of the firewall', async ({ expect }) => {
      await using venue = await openVenue({ rate: 0 });
      venue.inject({ type: 'refuse-rest', status: 403, count: 1 });
      const refused = await fetch(`${venue.restUrl}/api/v1/contract/ping`);
      expect([refused.status, refused.headers.get('content-type')]).toEqual([403, 'text/html']);
      expect((await fetch(`${venue.restUrl}/api/v1/contract/ping`)).status).toBe(200);
    });

    test('delist makes a contract unknown to commands and REST, and back', async ({ expect }) => {
      await using venue = await openVenue({ rate: 0 });
      await using client = await Client.open(venue);
      venue.inject({ type: 'delist', symbol });
      client.send('sub.deal', { symbol });
      await client.waitFor('rs.error');
      expect((await get(`${venue.restUrl}/api/v1/contract/detail`)).data).toHaveLength(1);
      venue.inject({ type: 'delist', symbol, on: false });
      client.send('sub.deal', { symbol });
      await client.waitFor('rs.sub.deal');
    });
  });
});

async function openDepth(method: string, param: object = {}) {
  const venue = await openVenue({ depthMergeMs: 20 });
  const client = await Client.open(venue);
  client.send(method, { symbol, ...param });
  const channel = method.replace('sub', 'push');
  await client.waitFor(channel, 2);
  const after = async (count: number) => await client.waitFor(channel, client.of(channel).length + count);
  return { venue, client, after, [Symbol.asyncDispose]: () => venue[Symbol.asyncDispose]() };
}

async function openDeals() {
  const venue = await openVenue();
  const client = await Client.open(venue);
  client.send('sub.deal', { symbol });
  await client.waitFor('push.deal');
  return { venue, client, [Symbol.asyncDispose]: () => venue[Symbol.asyncDispose]() };
}
