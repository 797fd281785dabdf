import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CaptureError, parseSymbol, recordExport, systemClock, tableName, type Store } from '@mexc-toolkit/core';
import { openSimulator } from '@mexc-toolkit/simulator';
import { openFaultProxy } from '@mexc-toolkit/testkit';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { scanSegment, type BlockLocation } from '../src/spool/scan-segment.ts';
import { listSegments } from '../src/spool/segment-file.ts';
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

  test('keeps ts_recv increasing while the wall clock jumps an hour ahead and two hours back', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    let offsetMs = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + offsetMs };
    await using lane = new TestLane({ paths, store, venue, symbols: ['BTC_USDT'], more: { clock } });
    for (const jumpMs of [0, 3_600_000, -7_200_000]) {
      offsetMs += jumpMs;
      const { frames } = venue.journal().total;
      await waitFor('rows', () => venue.journal().total.frames > frames + 50);
    }
    venue.pause();
    await waitFor('every row', async () => (await readFacts(store, 'btc')).rows === venue.journal().total.frames);
    await lane.stop();
    const rows = await readStored(store, 'btc');
    expect(findBreaks(rows)).toEqual([]);
    expect(rows.at(-1)!.tsRecvUs - rows[0]!.tsRecvUs).toBeGreaterThan(3_600_000_000);
    expect(rows.at(-1)!.tsRecvUs - rows[0]!.tsRecvUs).toBeLessThan(3_660_000_000);
  });

  test('refuses a symbol that another lane records, names that lane, and starts once it is gone', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    const bed = { paths, store, venue, symbols: ['BTC_USDT'] };
    await using first = new LaneProcess(bed);
    await waitFor('rows', () => venue.journal().total.frames > 10);
    await using second = new TestLane({ ...bed, more: { lane: 'other' } });
    const error = await second.ended.catch((reason: unknown) => reason);
    expect(CaptureError.is(error, 'LOCK_HELD') && error.message).toContain(`held by lane test (pid ${first.child.pid}`);
    await first.end('SIGKILL');
    await using third = new TestLane({ ...bed, more: { lane: 'other' } });
    await waitFor('its session', () => third.events('session.opened').length > 0);
  });

  test('inserts what another lane of the home has left of its symbol', async ({ expect }) => {
    await using venue = await openVenue();
    await using proxy = await openFaultProxy(() => engine.address.url);
    await using store = engine.openStore(undefined, { ...engine.address, url: proxy.url });
    using paths = openHome();
    await using first = new LaneProcess({ paths, store, venue, symbols: ['BTC_USDT', 'ETH_USDT'] });
    await waitFor('rows', () => venue.journal().total.frames > 50);
    proxy.mode = 'reset';
    await spoolGrows(paths.spool('test'));
    await first.end('SIGKILL');
    proxy.mode = 'pass';
    await using second = new TestLane({ paths, store, venue, symbols: ['ETH_USDT'], more: { lane: 'eth' } });
    const spooled = (await readBlocks(paths.spool('test'))).filter(({ base }) => base === 'eth');
    const left = spooled.at(-1)!.firstSeq + spooled.at(-1)!.rows - 1;
    await waitFor('more rows', async () => (await readStored(store, 'eth')).length > left + 20);
    await second.stop();
    const rows = await readStored(store, 'eth');
    expect(findBreaks(rows)).toEqual([]);
    expect(rows.filter(({ m }) => m.includes('"lost"'))).toEqual([]);
    expect(
      findForeign(
        rows,
        venue.frames('ETH_USDT').map(({ text }) => text),
      ),
    ).toEqual([]);
  });

  test('starts with a damaged spool: rows that the disk lost become tombstones and a record, all others are stored', async ({
    expect,
  }) => {
    await using venue = await openVenue(800);
    await using proxy = await openFaultProxy(() => engine.address.url);
    await using store = engine.openStore(undefined, { ...engine.address, url: proxy.url });
    using paths = openHome();
    const bed = { paths, store, venue, symbols: ['BTC_USDT'] };
    await using killed = new LaneProcess(bed);
    await waitFor('rows', async () => (await readFacts(store, 'btc').catch(() => ({ rows: 0 }))).rows > 10);
    proxy.mode = 'reset';
    await spoolGrows(paths.spool('test'));
    await killed.end('SIGKILL');
    const blocks = await readBlocks(paths.spool('test'));
    // Not among the last ones, and none that the store has already.
    const [inPayload, inHeader] = [blocks.at(-12)!, blocks.at(-6)!];
    flipByte(inPayload.segment, inPayload.payloadOffset + 30);
    flipByte(inHeader.segment, inHeader.offset + 10);
    // A crash in the middle of a commit.
    writeFileSync(blocks.at(-1)!.segment, readFileSync(blocks.at(-1)!.segment).subarray(0, 40), { flag: 'a' });

    proxy.mode = 'pass';
    await using lane = new TestLane(bed);
    const last = blocks.at(-1)!.firstSeq + blocks.at(-1)!.rows - 1;
    await waitFor('more rows', async () => (await readStored(store, 'btc')).length > last + 20);
    await waitFor('the records', async () => (await readGaps(store, 'BTC_USDT')).length === 3);
    await lane.stop();
    const rows = await readStored(store, 'btc');
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
    expect(rows.toSorted((a, b) => a.tsRecvUs - b.tsRecvUs)).toEqual(rows);
    const lost = rows.filter(({ m }) => m === '{"mexc":"lost","reason":"spool damaged"}').map(({ seq }) => seq);
    expect(lost).toEqual([...seqsOf(inPayload), ...seqsOf(inHeader)]);
    const kept = rows.filter(({ seq }) => !lost.includes(seq));
    expect(
      findForeign(
        kept,
        venue.frames('BTC_USDT').map(({ text }) => text),
      ),
    ).toEqual([]);
    const gaps = (await readGaps(store, 'BTC_USDT')).filter(({ kind }) => kind === 'quarantine');
    expect(gaps.map(({ detail }) => detail.replace(/:.*/, ''))).toEqual(
      [inPayload, inHeader].map(({ firstSeq, rows: count }) => `rows ${firstSeq}..${firstSeq + count - 1}`),
    );
    expect(lane.events('spool.torn')).toMatchObject([{ droppedBytes: 40 }]);
    expect(lane.events('spool.quarantined')).toHaveLength(2);
  });

  test('removes segments only when every row in them, of whatever symbol, is verified', async ({ expect }) => {
    await using venue = await openVenue(1500);
    await using store = engine.openStore();
    using paths = openHome();
    const changes = { spool: { segmentBytes: 60_000 } };
    await using first = new TestLane({ paths, store, venue, symbols: ['BTC_USDT', 'ETH_USDT'], changes });
    await waitFor('segments', async () => (await listSegments(paths.spool('test'))).length > 8);
    await first.stop();
    const before = await listSegments(paths.spool('test'));
    const blocks = await readBlocks(paths.spool('test'));
    const half = Math.floor(Math.max(...blocks.filter(({ base }) => base === 'eth').map(({ firstSeq }) => firstSeq)) / 2);
    await verify(store, 'BTC_USDT', { firstSeq: 1, lastSeq: 1_000_000, verdict: 'match' });
    await verify(store, 'ETH_USDT', { firstSeq: 1, lastSeq: half, verdict: 'match' });
    await verify(store, 'ETH_USDT', { firstSeq: half + 1, lastSeq: 1_000_000, verdict: 'mismatch' });

    // The next life records one of the symbols only.
    await using second = new TestLane({ paths, store, venue, symbols: ['BTC_USDT'] });
    await waitFor('the pruning', () => second.events('spool.pruned').length > 0);
    await second.stop();
    const after = new Set((await listSegments(paths.spool('test'))).map((path) => basename(path)));
    const isUnverified = ({ base, firstSeq, rows }: BlockLocation): boolean => base === 'eth' && firstSeq + rows - 1 > half;
    const needed = new Set(blocks.filter(isUnverified).map(({ segment }) => segment));
    expect(needed.size).toBeGreaterThan(0);
    expect(needed.size).toBeLessThan(before.length);
    for (const segment of before) expect(after.has(basename(segment))).toBe(needed.has(segment));
  });

  test.skipIf(process.getuid?.() !== 0)(
    'stops accepting frames while the disk is full, goes on afterwards, and loses none it accepted',
    async ({ expect }) => {
      await using venue = await openVenue(800);
      await using store = engine.openStore();
      using paths = openHome();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', paths.home]);
      try {
        await using lane = new TestLane({ paths, store, venue, symbols: ['BTC_USDT'] });
        await waitFor('rows', () => venue.journal().total.frames > 50);
        const filler = join(paths.home, 'filler');
        await fillDisk(filler);
        await waitFor('the block', () => lane.events('spool.blocked').length > 0);
        await waitFor('the end of the session', () => lane.events('session.closed').length > 0);
        const sessions = venue.journal().sessions.length;
        // Several tries of the spool, and status lines that cannot be written either.
        await waitFor('failures of the status', () => lane.entries.some(({ msg }) => msg.includes('ENOSPC')));
        expect(venue.journal().sessions).toHaveLength(sessions);
        rmSync(filler);
        await waitFor('the resumption', () => lane.events('spool.unblocked').length > 0);
        await waitFor('rows', () => (venue.journal().sessions.at(-1)!.symbols['BTC_USDT']?.frames ?? 0) > 50);
        venue.pause();
        const last = await lane.stop();
        const rows = await readStored(store, 'btc');
        expect(last).toMatchObject({ rows: rows.length, backlogRows: 0 });
        expect(findBreaks(rows)).toEqual([]);
        expect(
          findForeign(
            rows,
            venue.frames('BTC_USDT').map(({ text }) => text),
          ),
        ).toEqual([]);
        const gaps = await readGaps(store, 'BTC_USDT');
        expect(gaps.map(({ kind, detail }) => `${kind}: ${detail}`)).toEqual([
          expect.stringMatching(/^outage: the spool cannot be written: .*: the disk is full$/),
        ]);
        expect((await listSegments(paths.spool('test'))).length).toBeLessThanOrEqual(2);
      } finally {
        execFileSync('umount', ['-l', paths.home]);
      }
    },
  );

  test(
    'ends with SPOOL_UNWRITABLE, at once, when the disk is full while it ends',
    { skip: process.getuid?.() !== 0 },
    async ({ expect }) => {
      await using venue = await openVenue(800);
      await using store = engine.openStore();
      using paths = openHome();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', paths.home]);
      try {
        await using lane = new TestLane({ paths, store, venue, symbols: ['BTC_USDT'] });
        await waitFor('rows', () => venue.journal().total.frames > 50);
        await fillDisk(join(paths.home, 'filler'));
        await waitFor('the block', () => lane.events('spool.blocked').length > 0);
        const error = await lane.stop().catch((reason: unknown) => reason);
        expect(CaptureError.is(error, 'SPOOL_UNWRITABLE') && error.exitStatus).toBe(5);
        expect(findBreaks(await readStored(store, 'btc'))).toEqual([]);
      } finally {
        execFileSync('umount', ['-l', paths.home]);
      }
    },
  );

  test.for(['SIGTERM', 'SIGINT'] as const)('inserts everything and exits with 0 on %s', async (signal, { expect }) => {
    await using venue = await openVenue(800);
    await using store = engine.openStore();
    using paths = openHome();
    await using lane = new LaneProcess({ paths, store, venue, symbols: ['BTC_USDT'] });
    await waitFor('rows', () => venue.journal().total.frames > 200);
    expect(await lane.end(signal)).toBe(0);
    const blocks = await readBlocks(paths.spool('test'));
    const { rows } = await readFacts(store, 'btc');
    expect(rows).toBe(blocks.reduce((sum, block) => sum + block.rows, 0));
    expect(rows).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(paths.status('test'), 'utf8'))).toMatchObject({ state: 'stopped', rows, backlogRows: 0 });
    expect(findBreaks(await readStored(store, 'btc'))).toEqual([]);
  });

  test('makes its table again when it was dropped, and loses nothing that came after', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    await using lane = new TestLane({ paths, store, venue, symbols: ['BTC_USDT'] });
    await waitFor('rows', async () => (await readFacts(store, 'btc').catch(() => ({ rows: 0 }))).rows > 20);
    await store.command(`DROP TABLE ${tableName(store.database, 'btc_current')} SYNC`);
    await waitFor('rows', async () => (await readFacts(store, 'btc').catch(() => ({ rows: 0 }))).rows > 20);
    const last = await lane.stop();
    const rows = await readStored(store, 'btc');
    expect(findBreaks(rows, rows[0]!.seq)).toEqual([]);
    expect(rows.at(-1)!.seq).toBe(last.rows);
  });
});

const seqsOf = ({ firstSeq, rows }: BlockLocation): number[] => Array.from({ length: rows }, (_, index) => firstSeq + index);

async function readBlocks(directory: string): Promise<BlockLocation[]> {
  const blocks: BlockLocation[] = [];
  for (const segment of await listSegments(directory)) {
    for await (const found of scanSegment(segment, { last: true, check: () => true }))
      if (found.kind === 'block') blocks.push(found.block);
  }
  return blocks;
}

/** Waits until thirty more blocks are in the spool. */
async function spoolGrows(directory: string): Promise<void> {
  const { length } = await readBlocks(directory);
  await waitFor('the spool to grow', async () => (await readBlocks(directory)).length > length + 30);
}

function flipByte(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset]! ^= 0x40;
  writeFileSync(path, bytes);
}

/** Takes every byte that is left. */
async function fillDisk(path: string): Promise<void> {
  const file = openSync(path, 'a');
  try {
    for (let bytes = 65_536; bytes >= 1;) {
      try {
        writeSync(file, Buffer.alloc(bytes));
      } catch {
        bytes = Math.floor(bytes / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}

const verify = (
  store: Store,
  symbol: string,
  { firstSeq, lastSeq, verdict }: { readonly firstSeq: number; readonly lastSeq: number; readonly verdict: string },
): Promise<void> =>
  recordExport(store, {
    symbol: parseSymbol(symbol),
    epoch: { startUs: firstSeq * 1_000_000, endUs: (firstSeq + 1) * 1_000_000 },
    exportedMs: 1,
    filepath: `${symbol}-${firstSeq}.parquet`,
    rows: lastSeq - firstSeq + 1,
    firstSeq,
    lastSeq,
    sha256: '0'.repeat(64),
    digest: '0',
    verdict,
  });
