import { gzipSync } from 'node:zlib';
import { openSimulator, type Fault } from '@mexc-toolkit/simulator';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { TestEngine } from './support/engine.ts';
import { openHome, TestLane } from './support/lane.ts';
import { findBreaks, readGaps, readStored } from './support/rows.ts';
import { waitFor } from './support/wait-for.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await TestEngine.open();
});
afterAll(() => engine[Symbol.asyncDispose]());

const symbol = 'BTC_USDT';
const openVenue = () => openSimulator({ symbols: [symbol], rate: 0, pongDelayMs: 1, journalFrames: true });
const wrap = (bytes: Buffer, reason: string): string =>
  JSON.stringify({ mexc: 'bytes', reason, base64: bytes.toString('base64') });
const text = (content: string, mt = 'dl') => ({ fault: { text: content }, m: content, mt });
const bytes = (content: Buffer, m: string) => ({ fault: { base64: content.toString('base64'), binary: true }, m, mt: 'dl' });
const deal = (inner: string): string => `{"symbol":"BTC_USDT","data":${inner},"channel":"push.deal","ts":1790000000000}`;

const INVALID_UTF8 = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x80, 0x22, 0x7d]);
const DEEP = '['.repeat(200_000) + ']'.repeat(200_000);
const BOMB = gzipSync(Buffer.alloc(3_000_000, 0x20));

/** A message of the venue, and the row that it must become. */
const MESSAGES: Readonly<Record<string, { fault: Partial<Extract<Fault, { type: 'raw' }>>; m: string; mt: string }>> = {
  garbage: text('<html>502 Bad Gateway</html>'),
  'an empty message': text(''),
  'truncated JSON': text('{"symbol":"BTC_USDT","data":{"p":8394'),
  null: text('null'),
  'an array': text('[1,2,3]'),
  'a bare number': text('1e400'),
  'an unknown channel': text('{"channel":"push.tomorrow","symbol":"BTC_USDT","data":1}'),
  'number literals': text(deal('[{"p":0.080100,"v":9.75E+4,"t":25329.000000000000000000000000000000000}]'), 'd'),
  'duplicate keys': text('{"channel":"push.ticker","symbol":"BTC_USDT","channel":"push.deal","data":[]}', 'd'),
  'a __proto__ key': text('{"__proto__":{"channel":"pong"},"symbol":"BTC_USDT","constructor":{"prototype":{}}}'),
  'a channel named like a method': text('{"channel":"toString","symbol":"hasOwnProperty"}'),
  SQL: text(deal(`"'); DROP TABLE btc_current; --"`), 'd'),
  'escape sequences': text(deal(String.raw`"\\N \\t \t \n \" \u0000 \ud83d\ude00"`), 'd'),
  'control characters': text('a\tb\nc\rd\u0000e\\f\'g"h\u001b[2J\u2028'),
  'the magic of the spool': text(`mxsp\u0001\u0000${'mxsp'.repeat(20)}`),
  'a byte order mark': text('\ufeff{"channel":"pong"}'),
  'deep nesting': text(DEEP),
  'an error whose text is an object': text('{"channel":"rs.error","data":{"toString":1,"valueOf":2}}'),
  'an error whose text is deep': text(`{"channel":"rs.error","data":${DEEP}}`),
  'an error that says success': text('{"channel":"rs.error","data":"success"}'),
  'ten megabytes': text('x'.repeat(10_000_000)),
  'times that are none': text('{"channel":"push.deal","symbol":"BTC_USDT","ts":-1,"data":{"cts":1e300,"timestamp":"soon"}}', 'd'),
  'a time in the year 9999': text('{"channel":"push.deal","symbol":"BTC_USDT","ts":253402300799000,"data":[]}', 'd'),
  'versions that are none': text(
    '{"channel":"push.depth","symbol":"BTC_USDT","data":{"begin":"x","end":-5,"version":1e300}}',
    'dp',
  ),
  'text that is not UTF-8': {
    fault: { base64: INVALID_UTF8.toString('base64'), binary: false },
    m: wrap(INVALID_UTF8, 'invalid-utf8'),
    mt: 'dl',
  },
  'binary that is nothing': bytes(Buffer.from([0, 1, 2, 255]), wrap(Buffer.from([0, 1, 2, 255]), 'binary')),
  'gzip of a deal': { ...bytes(gzipSync(deal('[]')), deal('[]')), mt: 'd' },
  'gzip that is cut short': bytes(gzipSync(deal('[]')).subarray(0, 30), wrap(gzipSync(deal('[]')).subarray(0, 30), 'binary')),
  'gzip of bytes that are no text': bytes(gzipSync(INVALID_UTF8), wrap(gzipSync(INVALID_UTF8), 'binary')),
};

describe('a message of the venue', () => {
  test('becomes one row with its text as it came, whatever it is, and its neighbours are kept', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    await using lane = new TestLane({ paths, store, venue, symbols: [symbol] });
    await waitFor('the session', () => venue.journal().controls['rs.sub.depth.full'] === 1);
    const names = Object.keys(MESSAGES);
    for (const [index, name] of names.entries()) {
      venue.inject({ type: 'raw', symbol, ...MESSAGES[name]!.fault });
      venue.inject({ type: 'raw', symbol, text: deal(`[${index}]`) });
    }
    await waitFor('all rows', async () => (await readStored(store, 'btc').catch(() => [])).length >= names.length * 2);
    const last = await lane.stop();
    const rows = await readStored(store, 'btc');
    expect(findBreaks(rows)).toEqual([]);
    for (const [index, name] of names.entries()) {
      const row = rows[index * 2]!;
      expect({ name, mt: row.mt, isSame: row.m === MESSAGES[name]!.m }).toEqual({ name, mt: MESSAGES[name]!.mt, isSame: true });
      expect(rows[index * 2 + 1]!.m).toBe(deal(`[${index}]`));
    }
    expect(rows).toHaveLength(names.length * 2);
    expect(last).toMatchObject({ rows: names.length * 2, reconnects: 0, errors: 0 });
  });

  test('that unpacks to more than the limit is kept packed', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    const changes = { session: { maxFrameBytes: 1_000_000 } };
    await using lane = new TestLane({ paths, store, venue, symbols: [symbol], changes });
    await waitFor('the session', () => venue.journal().controls['rs.sub.depth.full'] === 1);
    venue.inject({ type: 'raw', symbol, base64: BOMB.toString('base64'), binary: true });
    const [row] = await waitFor('the row', async () => {
      const rows = await readStored(store, 'btc').catch(() => []);
      return rows.length > 0 && rows;
    });
    expect(row).toMatchObject({ seq: 1, mt: 'dl', m: wrap(BOMB, 'binary') });
    expect(lane.events('session.closed')).toEqual([]);
  });

  test('over the limit is refused and counted, and the time until the next session is an outage', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    const changes = { session: { maxFrameBytes: 100_000 } };
    await using lane = new TestLane({ paths, store, venue, symbols: [symbol], changes });
    await waitFor('the session', () => venue.journal().controls['rs.sub.depth.full'] === 1);
    venue.inject({ type: 'raw', symbol, text: deal('[1]') });
    await waitFor('the first row', async () => (await readStored(store, 'btc').catch(() => [])).length === 1);
    venue.inject({ type: 'raw', symbol, text: 'x', repeat: 100_001 });
    await waitFor('another session', () => venue.journal().controls['rs.sub.depth.full'] === 2);
    venue.inject({ type: 'raw', symbol, text: deal('[2]') });
    const rows = await waitFor('the next row', async () => {
      const found = await readStored(store, 'btc');
      return found.length === 2 && found;
    });
    const gaps = await waitFor('the outage', async () => {
      const found = await readGaps(store, symbol);
      return found.length > 0 && found;
    });
    const last = await lane.stop();
    expect(last).toMatchObject({ rows: 2, oversizedFrames: 1, reconnects: 1 });
    expect(gaps).toMatchObject([
      { kind: 'outage', startedUs: rows[0]!.tsRecvUs, detail: 'a frame larger than the limit was refused' },
    ]);
    expect(gaps[0]!.endedUs).toBeLessThanOrEqual(rows[1]!.tsRecvUs);
  });
});

describe('versions of sub.depth', () => {
  test('that were skipped are recorded, exactly those, and none without a skip', async ({ expect }) => {
    await using venue = await openSimulator({
      symbols: [symbol],
      rate: 200,
      pongDelayMs: 1,
      depthMergeMs: 20,
      journalFrames: true,
    });
    await using store = engine.openStore();
    using paths = openHome();
    const changes = { subscriptions: { depth: 'merged' as const } };
    await using lane = new TestLane({ paths, store, venue, symbols: [symbol], changes });
    const depths = () => venue.journal().symbols[symbol]?.channels['push.depth'] ?? 0;
    await waitFor('depth', () => depths() > 10);
    expect(lane.events('gap.recorded')).toEqual([]);
    for (const expected of [1, 2]) {
      venue.inject({ type: 'depth-gap', symbol, times: expected });
      const before = depths();
      await waitFor('more depth', () => depths() > before + 5);
      await waitFor('the gap', () => lane.events('gap.recorded').length >= expected);
    }
    for (const fault of ['duplicate-frame', 'stale-version'] as const) {
      venue.inject({ type: fault, symbol, channel: 'depth' });
      const before = depths();
      await waitFor('more depth', () => depths() > before + 5);
    }
    venue.pause();
    const total = venue.journal().total.frames;
    await waitFor('every row', async () => (await readStored(store, 'btc')).length === total);
    await lane.stop();

    const rows = (await readStored(store, 'btc')).filter((row) => row.m.includes('"channel":"push.depth"'));
    let end = 0;
    const holes = rows.flatMap((row) => {
      const { begin, end: last } = JSON.parse(row.m).data;
      const hole = end !== 0 && begin > end + 1 ? [`versions ${end + 1}..${begin - 1} of push.depth were not received`] : [];
      end = Math.max(end, last);
      return hole;
    });
    // Two that were left out, and the range of the frame that came with stale versions instead of its own.
    expect(holes).toHaveLength(3);
    const gaps = await readGaps(store, symbol);
    expect(gaps.map(({ kind, detail }) => ({ kind, detail }))).toEqual(holes.map((detail) => ({ kind: 'version_gap', detail })));
  });
});
