import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openSimulator, type Fault, type Simulator } from '@mexc-toolkit/simulator';
import { openSocksServer } from '@mexc-toolkit/testkit';
import { CaptureError } from '@mexc-toolkit/core';
import { WebSocketServer } from 'ws';
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

const openVenue = () => openSimulator({ symbols: ['BTC_USDT', 'ETH_USDT'], rate: 300, pongDelayMs: 1, journalFrames: true });
const isOpenAgain = (venue: Simulator, sessions: number) => (): boolean =>
  venue.journal().sessions.length > sessions && (venue.journal().sessions.at(-1)!.symbols['BTC_USDT']?.frames ?? 0) > 20;

const FAULTS: Readonly<Record<string, { readonly fault: Fault; readonly reason: RegExp }>> = {
  'the middle of a frame and a reset': { fault: { type: 'half-frame', symbol: 'BTC_USDT' }, reason: /ECONNRESET|1006/ },
  'the end of TCP without a close frame': { fault: { type: 'terminate' }, reason: /1006/ },
  'a reset': { fault: { type: 'terminate', reset: true }, reason: /ECONNRESET|1006/ },
  'a closing handshake': { fault: { type: 'close', code: 1001 }, reason: /closed by the venue with 1001/ },
  'no pong': { fault: { type: 'pongs', perPing: 0 }, reason: /no pong within/ },
  'a connection that is half open': { fault: { type: 'stall-session' }, reason: /no pong within/ },
};

describe('a lane whose session ends by', () => {
  test.for(Object.keys(FAULTS))('%s opens another one and records the outage', async (name, { expect }) => {
    const { fault, reason } = FAULTS[name]!;
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    await using lane = new TestLane({
      paths,
      store,
      venue,
      symbols: ['BTC_USDT'],
      changes: { session: { pingIntervalMs: 100, pongTimeoutMs: 300 } },
    });
    await waitFor('rows', isOpenAgain(venue, 0));
    venue.inject(fault);
    await waitFor('the end of the session', () => lane.events('session.closed').length > 0);
    venue.inject({ type: 'pongs', perPing: 1 });
    await waitFor('another session', isOpenAgain(venue, 1));
    venue.pause();
    const session = venue.journal().sessions.at(-1)!;
    const rows = await waitFor('every row of the last session', async () => {
      const found = await readStored(store, 'btc');
      return found.at(-1)?.m === venue.frames('BTC_USDT').at(-1)!.text && found;
    });
    const last = await lane.stop();
    expect(last.reconnects).toBeGreaterThanOrEqual(1);
    expect(findBreaks(rows)).toEqual([]);
    expect(
      findForeign(
        rows,
        venue.frames('BTC_USDT').map(({ text }) => text),
      ),
    ).toEqual([]);
    const ofLast = venue.frames('BTC_USDT').filter((frame) => frame.session === session.id);
    expect(rows.slice(-ofLast.length).map(({ m }) => m)).toEqual(ofLast.map(({ text }) => text));
    const gaps = await readGaps(store, 'BTC_USDT');
    expect(gaps.every(({ kind, detail }) => kind === 'outage' && reason.test(detail))).toBe(true);
    expect(gaps).toHaveLength(lane.events('session.opened').length - 1);
    expect(String(lane.events('session.closed')[0]!['reason'])).toMatch(reason);
  });
});

describe('a lane', () => {
  test('asks again for one symbol that fell silent, then for a new session, and leaves the other symbol its rows', async ({
    expect,
  }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    const changes = { session: { symbolSilenceMs: 600 } };
    await using lane = new TestLane({ paths, store, venue, symbols: ['BTC_USDT', 'ETH_USDT'], changes });
    await waitFor('rows', isOpenAgain(venue, 0));
    venue.inject({ type: 'stall-symbol', symbol: 'BTC_USDT' });
    await waitFor('the mild remedy', () => venue.journal().controls['rs.sub.deal'] === 3);
    expect(venue.journal().sessions).toHaveLength(1);
    await waitFor('the strong one', () => venue.journal().sessions.length === 2);
    venue.inject({ type: 'resume-symbol', symbol: 'BTC_USDT' });
    await waitFor('rows again', isOpenAgain(venue, 1));
    venue.pause();
    const { frames } = venue.journal().symbols['ETH_USDT']!;
    await waitFor('rows of the other', async () => (await readFacts(store, 'eth')).rows > frames - 100);
    await lane.stop();
    expect(lane.events('symbol.stalled').every(({ symbol }) => symbol === 'BTC_USDT')).toBe(true);
    const gaps = await readGaps(store, 'BTC_USDT');
    expect(gaps[0]).toMatchObject({ kind: 'outage', detail: 'the venue fell silent for this symbol' });
    for (const base of ['btc', 'eth']) expect(findBreaks(await readStored(store, base))).toEqual([]);
  });

  test('does not wait for ever for a venue that accepts the connection, answers pings, and sends nothing', async ({ expect }) => {
    using paths = openHome();
    await using store = engine.openStore();
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    let sessions = 0;
    server.on('connection', (socket) => {
      sessions += 1;
      socket.on('message', (data: Buffer) => {
        if (data.toString() === '{"method":"ping"}') socket.send('{"channel":"pong","data":1}');
      });
    });
    await once(server, 'listening');
    const wsUrl = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/edge`;
    const changes = { session: { symbolSilenceMs: 200, pingIntervalMs: 50 } };
    try {
      await using lane = new TestLane({
        paths,
        store,
        venue: { wsUrl, restUrl: 'http://127.0.0.1' },
        symbols: ['BTC_USDT'],
        changes,
      });
      await waitFor('a second session', () => sessions >= 2);
      expect(lane.events('symbol.stalled').length).toBeGreaterThanOrEqual(2);
    } finally {
      for (const socket of server.clients) socket.terminate();
      server.close();
    }
  });

  test('keeps a message that comes in one packet with the answer to the handshake', async ({ expect }) => {
    using paths = openHome();
    await using store = engine.openStore();
    const first = '{"symbol":"BTC_USDT","data":[],"channel":"push.deal","ts":1790000000000}';
    const server = createHttpServer();
    server.on('upgrade', (request, socket) => {
      const key = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
      const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key.digest('base64')}\r\n\r\n`;
      socket.write(Buffer.concat([Buffer.from(head), Buffer.from([0x81, first.length]), Buffer.from(first)]));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const wsUrl = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/edge`;
    try {
      await using lane = new TestLane({ paths, store, venue: { wsUrl, restUrl: 'http://127.0.0.1' }, symbols: ['BTC_USDT'] });
      await waitFor('the session', () => lane.events('session.opened').length > 0);
      const last = await lane.stop();
      expect(last.rows).toBe(1);
      expect((await readStored(store, 'btc')).map(({ m }) => m)).toEqual([first]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test('goes on without a symbol that the venue does not know', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    await using lane = new TestLane({ paths, store, venue, symbols: ['NOPE_USDT', 'BTC_USDT'] });
    await waitFor('rows of the other', () => (venue.journal().symbols['BTC_USDT']?.frames ?? 0) > 50);
    const last = await lane.stop();
    expect(last.symbols).toMatchObject([
      { symbol: 'NOPE_USDT', state: 'rejected', detail: 'Contract [NOPE_USDT] not exists', rows: 3 },
      { symbol: 'BTC_USDT', detail: null },
    ]);
    expect(last.symbols[1]!.rows).toBeGreaterThan(0);
    expect((await readStored(store, 'nope')).map(({ mt, m }) => [mt, JSON.parse(m).data])).toEqual(
      Array.from({ length: 3 }, () => ['dl', 'Contract [NOPE_USDT] not exists']),
    );
  });

  test('ends the outage of a symbol although the venue refuses one of its subscriptions', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    const bed = { paths, store, venue, symbols: ['BTC_USDT', 'ETH_USDT'], changes: { subscriptions: { kline: ['Hour1'] } } };
    await using lane = new TestLane(bed);
    await waitFor('rows', isOpenAgain(venue, 0));
    venue.inject({ type: 'terminate' });
    await waitFor('another session', isOpenAgain(venue, 1));
    await waitFor(
      'the outages',
      async () => (await readGaps(store, 'ETH_USDT')).length === 1 && (await readGaps(store, 'BTC_USDT')).length === 1,
    );
    const last = await lane.stop();
    expect(last.pendingGaps).toBe(0);
  });

  test('fails with SYMBOL_UNKNOWN and status 4 when the venue knows none of its symbols', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    await using lane = new LaneProcess({ paths, store, venue, symbols: ['NOPE_USDT'] });
    await waitFor('its end', () => lane.child.exitCode !== null);
    expect(lane.child.exitCode).toBe(4);
    expect(lane.stderr).toContain('SYMBOL_UNKNOWN');
  });

  test.for([
    { what: 'a 403 of the venue', fault: { type: 'refuse-handshakes', status: 403, count: 3 }, code: 'VENUE_REFUSED' },
    { what: 'a 503 of the venue', fault: { type: 'refuse-handshakes', status: 503, count: 3 }, code: 'VENUE_REFUSED' },
    { what: 'handshakes without an answer', fault: { type: 'drop-handshakes', count: 3 }, code: 'VENUE_UNREACHABLE' },
    { what: 'a closed port', fault: { type: 'refuse-connections', ms: 60_000 }, code: 'VENUE_UNREACHABLE' },
    { what: 'a local address that is not ours', egress: 'bind:192.0.2.7', code: 'EGRESS_UNREACHABLE' },
    { what: 'a proxy that is dead', egress: 'socks5://127.0.0.1:9', code: 'EGRESS_UNREACHABLE' },
  ] as const)('fails at its start with a coded error for $what', async ({ code, ...cause }, { expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    if ('fault' in cause) venue.inject(cause.fault);
    const more = 'egress' in cause ? { egress: cause.egress } : {};
    await using lane = new TestLane({ paths, store, venue, symbols: ['BTC_USDT'], more });
    const error = await lane.ended.catch((reason: unknown) => reason);
    expect(CaptureError.is(error) && error.toJSON()).toMatchObject({ code, category: 'upstream' });
  });

  test('gets through after refusals at the start', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    venue.inject({ type: 'refuse-handshakes', status: 503, count: 2 });
    await using lane = new TestLane({ paths, store, venue, symbols: ['BTC_USDT'] });
    await waitFor('rows', isOpenAgain(venue, 0));
    expect(await lane.stop()).toMatchObject({ errors: 2 });
  });

  test('goes through a SOCKS proxy, which alone looks up the name of the venue', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    const { port } = new URL(venue.wsUrl);
    await using proxy = await openSocksServer({
      resolve: (host) => (host === 'contract.mexc.invalid' ? { host: '127.0.0.1', port: Number(port) } : undefined),
      credentials: { user: 'lane', password: 'p@ss/word' },
    });
    const egress = `socks5://lane:p%40ss%2Fword@127.0.0.1:${proxy.port}`;
    const there = { wsUrl: `ws://contract.mexc.invalid:${port}/edge`, restUrl: venue.restUrl };
    await using lane = new TestLane({ paths, store, venue: there, symbols: ['BTC_USDT'], more: { egress } });
    await waitFor('rows', isOpenAgain(venue, 0));
    const last = await lane.stop();
    expect(last.route).toBe(`socks5://127.0.0.1:${proxy.port}`);
    expect(last.rows).toBeGreaterThan(0);
    expect(proxy.targets).toEqual([`contract.mexc.invalid:${port}`]);
    expect(JSON.stringify(lane.entries)).not.toContain('word');
  });
});
