import { readFileSync } from 'node:fs';
import { openFaultProxy, type ProxyMode } from '@mexc-toolkit/testkit';
import { openSimulator } from '@mexc-toolkit/simulator';
import { describe, test } from 'vitest';
import { TestEngine } from './support/engine.ts';
import { LaneProcess, openHome, TestLane } from './support/lane.ts';
import { findBreaks, findForeign, readFacts, readGaps, readStored } from './support/rows.ts';
import { waitFor } from './support/wait-for.ts';

const openVenue = (rate: number) =>
  openSimulator({ symbols: ['BTC_USDT', 'ETH_USDT'], rate, pongDelayMs: 1, journalFrames: true });

const FAULTS = ['refuse', 'reset', 'forward-reset', 'forward-early-reset', 'hang'] as const satisfies ProxyMode[];

describe('a lane with a store that fails', () => {
  test('has every row once after refusals, resets with an unknown outcome, silence, and a killed store', async ({ expect }) => {
    await using engine = await TestEngine.open();
    await using proxy = await openFaultProxy(() => engine.address.url);
    await using store = engine.openStore(undefined, { ...engine.address, url: proxy.url });
    await using venue = await openVenue(800);
    using paths = openHome();
    // Little memory, so that most of a backlog has to be read back from disk.
    const changes = { spool: { memoryBytes: 50_000, segmentBytes: 200_000 } };
    await using lane = new TestLane({ paths, store, venue, symbols: ['BTC_USDT', 'ETH_USDT'], changes });
    const grow = async (): Promise<void> => {
      const { rows } = await readFacts(store, 'btc');
      await waitFor('rows to arrive', async () => (await readFacts(store, 'btc')).rows > rows + 50);
    };
    await waitFor('the tables', () => lane.events('session.opened').length > 0);
    await grow();
    for (const mode of FAULTS) {
      const before = proxy.counts[mode];
      proxy.mode = mode;
      await waitFor(`requests to meet ${mode}`, () => proxy.counts[mode] >= before + (mode === 'hang' ? 1 : 4));
      proxy.mode = 'pass';
      await grow();
    }
    engine.kill();
    const received = venue.journal().total.frames;
    await waitFor('a backlog', () => venue.journal().total.frames > received + 1000);
    await engine.restart();
    await grow();
    venue.pause();
    for (const [base, symbol] of [
      ['btc', 'BTC_USDT'],
      ['eth', 'ETH_USDT'],
    ] as const) {
      const { frames, digest } = venue.journal().symbols[symbol]!;
      await waitFor(`every row of ${base}`, async () => (await readFacts(store, base)).rows >= frames);
      expect(await readFacts(store, base)).toEqual({ rows: frames, digest });
      expect(findBreaks(await readStored(store, base))).toEqual([]);
    }
    expect(lane.events('insert.settled').length).toBeGreaterThan(0);
    const last = await lane.stop();
    expect(last).toMatchObject({ backlogRows: 0, reconnects: 0 });
  });

  test('ends within its bound while the store is silent, and its next life inserts what was left', async ({ expect }) => {
    await using engine = await TestEngine.open();
    await using proxy = await openFaultProxy(() => engine.address.url);
    await using store = engine.openStore(undefined, { ...engine.address, url: proxy.url });
    await using venue = await openVenue(400);
    using paths = openHome();
    const bed = { paths, store, venue, symbols: ['BTC_USDT'] };
    await using lane = new TestLane(bed);
    await waitFor('rows', () => venue.journal().total.frames > 100);
    proxy.mode = 'hang';
    const hung = proxy.counts.hang;
    await waitFor('a hanging request', () => proxy.counts.hang > hung);
    const received = venue.journal().total.frames;
    await waitFor('a backlog', () => venue.journal().total.frames > received + 200);
    venue.pause();
    const { frames, digest } = venue.journal().symbols['BTC_USDT']!;
    await waitFor('the last frames', () => JSON.parse(readFileSync(paths.status('test'), 'utf8')).rows === frames);
    const asked = performance.now();
    const last = await lane.stop();
    expect(performance.now() - asked).toBeLessThan(15_000);
    expect(last.rows).toBe(frames);
    expect(last.backlogRows).toBeGreaterThan(0);

    proxy.mode = 'pass';
    await using next = new TestLane(bed);
    await waitFor('every row', async () => (await readFacts(store, 'btc')).rows >= frames);
    await next.stop();
    expect(await readFacts(store, 'btc')).toEqual({ rows: frames, digest });
    expect(findBreaks(await readStored(store, 'btc'))).toEqual([]);
  });
});

describe('a lane that is killed with -9', () => {
  test('again and again, keeps one unbroken chain without a doubled or made-up row, and records each outage', async ({
    expect,
  }) => {
    await using engine = await TestEngine.open();
    await using store = engine.openStore();
    await using venue = await openVenue(1000);
    using paths = openHome();
    const bed = { paths, store, venue, symbols: ['BTC_USDT'], changes: { spool: { commitIntervalMs: 5 } } };
    const grow = async (rows: number): Promise<void> => {
      const before = (await readFacts(store, 'btc').catch(() => ({ rows: 0 }))).rows;
      await waitFor('rows', async () => (await readFacts(store, 'btc').catch(() => ({ rows: 0 }))).rows > before + rows);
    };
    for (const rows of [20, 150, 333]) {
      await using lane = new LaneProcess(bed);
      await grow(rows);
      expect(await lane.end('SIGKILL')).toBe('SIGKILL');
    }
    await using lane = new LaneProcess(bed);
    await grow(100);
    expect(await lane.end('SIGTERM')).toBe(0);
    const rows = await readStored(store, 'btc');
    expect(findBreaks(rows)).toEqual([]);
    expect(
      findForeign(
        rows,
        venue.frames('BTC_USDT').map(({ text }) => text),
      ),
    ).toEqual([]);
    const gaps = await readGaps(store, 'BTC_USDT');
    expect(gaps.map(({ kind, detail }) => `${kind}: ${detail}`)).toEqual(Array(3).fill('outage: the lane was not running'));
    // Each outage lies exactly between two rows that follow each other.
    for (const gap of gaps) {
      const before = rows.findIndex((row) => row.tsRecvUs === gap.startedUs);
      expect(rows[before + 1]!.tsRecvUs).toBeGreaterThan(gap.startedUs);
      expect(rows[before + 1]!.tsRecvUs).toBeGreaterThanOrEqual(gap.endedUs - 200_000);
    }
  });
});
