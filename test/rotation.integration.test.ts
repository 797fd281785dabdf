import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  findBreaks,
  findForeign,
  LaneProcess,
  openHome,
  readFacts,
  readStored,
  TestEngine,
  TestLane,
  waitFor,
  type LaneBed,
  type StoredRow,
} from '@mexc-toolkit/collector/test-support';
import { CaptureError, createRowTable, systemClock, type PendingEpoch } from '@mexc-toolkit/core';
import { openSimulator } from '@mexc-toolkit/simulator';
import { openFaultProxy } from '@mexc-toolkit/testkit';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { readRotationState, rotateNow, soonUs } from './support/rotation-bed.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await TestEngine.open();
});
afterAll(() => engine[Symbol.asyncDispose]());

const openVenue = (rate = 500) => openSimulator({ symbols: ['BTC_USDT', 'ETH_USDT'], rate, pongDelayMs: 1, journalFrames: true });

/** Rows that lie in a table of an epoch to which they do not belong. Empty when I6 holds. */
function findStrays(rows: readonly StoredRow[], pending: readonly PendingEpoch[]): string[] {
  const currentFromUs = Math.max(0, ...pending.map(({ endUs }) => endUs));
  return rows
    .filter((row) => {
      const epoch = pending.find(({ table }) => table === row.table);
      if (!epoch) return row.table !== 'btc_current' || row.tsRecvUs < currentFromUs;
      return row.tsRecvUs < epoch.startUs || row.tsRecvUs >= epoch.endUs;
    })
    .map((row) => `seq ${row.seq} (${row.tsRecvUs}) in ${row.table}`);
}

/** Ends the market and the lane, and checks every row against the journal, the chain, and the bounds of the epochs. */
async function expectAllKept(
  bed: LaneBed & { readonly venue: Awaited<ReturnType<typeof openVenue>> },
  lane: TestLane,
): Promise<StoredRow[]> {
  bed.venue.pause();
  const { frames, digest } = bed.venue.journal().symbols['BTC_USDT']!;
  await waitFor('every row', async () => (await readFacts(bed.store, 'btc')).rows >= frames);
  await lane.stop();
  const facts = await readFacts(bed.store, 'btc');
  if (facts.rows !== frames || facts.digest !== digest) throw new Error(`stored ${facts.rows} rows, sent ${frames}`);
  return await readStored(bed.store, 'btc');
}

describe('a rotation', () => {
  test('of a lane that receives 2000 rows a second cuts exactly at the boundary and loses, doubles and misplaces none', async ({
    expect,
  }) => {
    await using venue = await openVenue(4000);
    await using store = engine.openStore();
    using paths = openHome();
    const bed = { paths, store, venue, symbols: ['BTC_USDT'] };
    await using lane = new TestLane(bed);
    await waitFor('rows', () => venue.journal().total.frames > 1000);
    const reports = [await rotateNow(bed), await rotateNow(bed), await rotateNow(bed)];
    const rows = await expectAllKept(bed, lane);
    const { pending, epochStartUs, phase } = readRotationState(paths);
    expect(phase).toBe('idle');
    expect(findBreaks(rows)).toEqual([]);
    expect(findStrays(rows, pending)).toEqual([]);
    expect(pending.map(({ endUs }) => endUs)).toEqual(reports.map(({ epoch }) => epoch.endUs));
    expect(pending.slice(1).map(({ startUs }) => startUs)).toEqual(pending.slice(0, -1).map(({ endUs }) => endUs));
    expect(epochStartUs).toBe(pending.at(-1)!.endUs);
    expect(new Set(rows.map(({ table }) => table)).size).toBe(4);
    for (const { report } of reports) {
      expect(report).toMatchObject({ acknowledgedBy: 'lane' });
      expect(report!.bufferedRows).toBe(report!.arrivedDuringHold);
    }
    expect(Math.max(...reports.map(({ report }) => report!.bufferedRows))).toBeGreaterThan(0);
  });

  test('keeps a quiet symbol apart too: no row at all in the hour is an epoch of its own', async ({ expect }) => {
    await using venue = await openVenue(0);
    await using store = engine.openStore();
    using paths = openHome();
    const bed = { paths, store, venue, symbols: ['BTC_USDT'] };
    await using lane = new TestLane(bed);
    await waitFor('the session', () => venue.journal().controls['rs.sub.depth.full'] === 1);
    const { epoch, report } = await rotateNow(bed);
    expect(report).toMatchObject({ bufferedRows: 0, arrivedDuringHold: 0 });
    venue.inject({ type: 'raw', symbol: 'BTC_USDT', text: 'after the boundary' });
    const rows = await waitFor('the row', async () => {
      const found = await readStored(store, 'btc');
      return found.length > 0 && found;
    });
    expect(rows).toMatchObject([{ seq: 1, table: 'btc_current' }]);
    expect(rows[0]!.tsRecvUs).toBeGreaterThanOrEqual(epoch.endUs);
    await lane.stop();
  });

  test('of a stopped lane, and of one killed with rows left in the spool, needs no lane', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    const bed = { paths, store, venue, symbols: ['BTC_USDT'] };
    {
      await using lane = new TestLane(bed);
      await waitFor('rows', () => venue.journal().total.frames > 100);
      await lane.stop();
    }
    const stopped = await rotateNow(bed);
    expect(stopped.report).toMatchObject({ acknowledgedBy: 'nobody' });
    await using killed = new LaneProcess({ ...bed, changes: { insert: { retryMinMs: 60_000, retryMaxMs: 60_000 } } });
    await waitFor('rows', async () => (await readStored(store, 'btc')).some(({ table }) => table === 'btc_current'));
    // From now on the lane cannot insert: what it receives stays in the spool.
    await store.command(`RENAME TABLE \`${store.database}\`.btc_current TO \`${store.database}\`.elsewhere`);
    const { frames } = venue.journal().total;
    await waitFor('a backlog', () => venue.journal().total.frames > frames + 100);
    await killed.end('SIGKILL');
    await store.command(`RENAME TABLE \`${store.database}\`.elsewhere TO \`${store.database}\`.btc_current`);
    const inStore = (await readFacts(store, 'btc')).rows;
    await rotateNow(bed);
    expect((await readFacts(store, 'btc')).rows).toBeGreaterThan(inStore + 50);
    await using lane = new TestLane(bed);
    await waitFor('rows', async () => (await readStored(store, 'btc')).some(({ table }) => table === 'btc_current'));
    await lane.stop();
    const rows = await readStored(store, 'btc');
    expect(findBreaks(rows)).toEqual([]);
    expect(findStrays(rows, readRotationState(paths).pending)).toEqual([]);
    expect(
      findForeign(
        rows,
        venue.frames('BTC_USDT').map(({ text }) => text),
      ),
    ).toEqual([]);
  });

  test.for(['announce', 'rotating', 'rename', 'rotated', 'move-aside'])(
    'whose rotator is killed with -9 at "%s" is finished or given up by the next one',
    async (step, { expect }) => {
      await using venue = await openVenue();
      await using store = engine.openStore();
      using paths = openHome();
      const bed = { paths, store, venue, symbols: ['BTC_USDT'] };
      await using lane = new TestLane({ ...bed, changes: { rotation: { holdTimeoutMs: 1000 } } });
      await waitFor('rows', async () => (await readFacts(store, 'btc').catch(() => ({ rows: 0 }))).rows > 100);
      if (step === 'move-aside') await rotateNow(bed); // leaves a previous table that has to move
      const rotator = fileURLToPath(new URL('support/rotator-main.ts', import.meta.url));
      const address = JSON.stringify({ ...store.address, database: store.database });
      const { signal, stderr } = await runNode(['--conditions=@mexc-toolkit/source', rotator, paths.home, address, step]);
      expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
      const { epoch } = await rotateNow(bed);
      const rows = await expectAllKept(bed, lane);
      const { pending } = readRotationState(paths);
      expect(findBreaks(rows)).toEqual([]);
      expect(findStrays(rows, pending)).toEqual([]);
      expect(pending.at(-1)!.endUs).toBe(epoch.endUs);
      expect(pending).toHaveLength(step === 'rotated' || step === 'move-aside' ? 2 : 1);
    },
  );

  test('is withdrawn by the lane whose rotator has vanished, and the rows go on in the same table', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    const bed = { paths, store, venue, symbols: ['BTC_USDT'] };
    await using lane = new TestLane({ ...bed, changes: { rotation: { holdTimeoutMs: 300 } } });
    await waitFor('rows', () => venue.journal().total.frames > 100);
    await expect(rotateNow(bed, { crashPoint: (name) => assert.notEqual(name, 'rotating', 'crash') })).rejects.toThrow('crash');
    await waitFor('the withdrawal', () => lane.events('rotation.withdrawn').length > 0);
    const { frames } = venue.journal().total;
    await waitFor('rows after it', async () => (await readFacts(store, 'btc')).rows > frames + 20);
    expect(new Set((await readStored(store, 'btc')).map(({ table }) => table))).toEqual(new Set(['btc_current']));
    await rotateNow(bed);
    const rows = await expectAllKept(bed, lane);
    expect(findBreaks(rows)).toEqual([]);
    expect(findStrays(rows, readRotationState(paths).pending)).toEqual([]);
  });

  test('of a lane that is killed while it holds and started again keeps the boundary', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    const bed = { paths, store, venue, symbols: ['BTC_USDT'] };
    await using killed = new LaneProcess(bed);
    await waitFor('rows', async () => (await readFacts(store, 'btc').catch(() => ({ rows: 0 }))).rows > 50);
    // The lane has acknowledged and holds; the tables are not renamed yet.
    const rotation = rotateNow(bed, {
      crashPoint: (name) => {
        if (name === 'rename') killed.child.kill('SIGKILL');
      },
    });
    const { epoch } = await rotation;
    await killed.end('SIGKILL');
    await using lane = new TestLane(bed);
    await waitFor('rows', async () => (await readStored(store, 'btc')).some(({ table }) => table === 'btc_current'));
    await lane.stop();
    const rows = await readStored(store, 'btc');
    expect(findBreaks(rows)).toEqual([]);
    expect(findStrays(rows, [epoch])).toEqual([]);
    expect(
      findForeign(
        rows,
        venue.frames('BTC_USDT').map(({ text }) => text),
      ),
    ).toEqual([]);
  });

  test('asked for twice at once runs once, the other is ROTATION_BUSY', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    const bed = { paths, store, venue, symbols: ['BTC_USDT'] };
    await using lane = new TestLane(bed);
    await waitFor('rows', () => venue.journal().total.frames > 100);
    const results = await Promise.allSettled([rotateNow(bed), rotateNow(bed)]);
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(failures.map((error) => CaptureError.is(error) && error.code)).toEqual(['ROTATION_BUSY']);
    expect(readRotationState(paths).pending).toHaveLength(1);
    const rows = await expectAllKept(bed, lane);
    expect(findStrays(rows, readRotationState(paths).pending)).toEqual([]);
  });

  test('announced too late is asked for anew with a later boundary', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    const bed = { paths, store, venue, symbols: ['BTC_USDT'] };
    await using lane = new TestLane(bed);
    await waitFor('rows', () => venue.journal().total.frames > 100);
    const lateUs = soonUs() - 5_000_000;
    const { epoch } = await rotateNow(bed, { boundaryUs: lateUs });
    expect(epoch.endUs).toBeGreaterThan(lateUs + 5_000_000);
    const rows = await expectAllKept(bed, lane);
    expect(findStrays(rows, readRotationState(paths).pending)).toEqual([]);
    expect(findBreaks(rows)).toEqual([]);
  });

  test('without an acknowledgement in time changes nothing, and the lane goes on', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    const bed = { paths, store, venue, symbols: ['BTC_USDT'] };
    // The wall clock of the lane is an hour behind: for it the boundary is far away.
    const clock = { ...systemClock, now: () => systemClock.now() - 3_600_000 };
    await using lane = new TestLane({ ...bed, more: { clock } });
    await waitFor('rows', () => venue.journal().total.frames > 100);
    const error = await rotateNow(bed, { ackTimeoutMs: 300 }).catch((reason: unknown) => reason);
    expect(CaptureError.is(error, 'ROTATION_UNACKNOWLEDGED')).toBe(true);
    expect(readRotationState(paths)).toMatchObject({ phase: 'idle', attempt: null, pending: [] });
    // The lane must not stay with the boundary that was given up: the next one is answered.
    const { epoch } = await rotateNow({ ...bed, clock });
    const rows = await expectAllKept(bed, lane);
    expect(findStrays(rows, readRotationState(paths).pending)).toEqual([]);
    expect(rows.filter(({ table }) => table === epoch.table).length).toBeGreaterThan(0);
  });

  test.for([3_600_000, -3_600_000])(
    'keeps its bounds when the wall clock jumps by %i ms during the hold',
    async (jumpMs, { expect }) => {
      await using venue = await openVenue();
      await using store = engine.openStore();
      using paths = openHome();
      let offsetMs = 0;
      const clock = { ...systemClock, now: () => systemClock.now() + offsetMs };
      const bed = { paths, store, venue, symbols: ['BTC_USDT'], clock };
      await using lane = new TestLane({ ...bed, more: { clock } });
      await waitFor('rows', () => venue.journal().total.frames > 100);
      const { epoch } = await rotateNow(bed, {
        crashPoint: (name) => {
          if (name === 'rename') offsetMs = jumpMs;
        },
      });
      const { frames } = venue.journal().total;
      await waitFor('rows', () => venue.journal().total.frames > frames + 100);
      const rows = await expectAllKept(bed, lane);
      expect(findBreaks(rows)).toEqual([]);
      expect(findStrays(rows, [epoch])).toEqual([]);
      expect(rows.filter(({ table }) => table === 'btc_current').length).toBeGreaterThan(50);
    },
  );

  test('asked for while the lane still drains the one before waits for it: the end of the first never ends the hold of the second', async ({
    expect,
  }) => {
    await using venue = await openVenue();
    await using proxy = await openFaultProxy(() => engine.address.url);
    await using direct = engine.openStore();
    await using store = engine.openStore(direct.database, { ...engine.address, url: proxy.url });
    using paths = openHome();
    const bed = { paths, store, venue, symbols: ['BTC_USDT'] };
    await using lane = new TestLane(bed);
    await waitFor('rows', async () => (await readFacts(direct, 'btc').catch(() => ({ rows: 0 }))).rows > 100);
    const first = await rotateNow(
      { paths, store: direct },
      {
        crashPoint: (name) => {
          if (name === 'rotated') proxy.mode = 'hang';
        },
      },
    );
    expect(first.report).toBeNull(); // the lane could not drain in time to send its figures
    const second = rotateNow({ paths, store: direct });
    await waitFor('the announcement', () => readRotationState(paths).phase === 'announced');
    venue.setRate(6000); // so that rows come between the answer of the lane and the RENAME
    proxy.mode = 'pass';
    await second;
    const rows = await expectAllKept({ ...bed, store: direct }, lane);
    const { pending } = readRotationState(paths);
    expect(pending).toHaveLength(2);
    expect(findBreaks(rows)).toEqual([]);
    expect(findStrays(rows, pending)).toEqual([]);
  });

  test('never overwrites an unproven previous table, not even one that no state knows', async ({ expect }) => {
    await using venue = await openVenue();
    await using store = engine.openStore();
    using paths = openHome();
    const bed = { paths, store, venue, symbols: ['BTC_USDT'] };
    await using lane = new TestLane(bed);
    await waitFor('rows', async () => (await readFacts(store, 'btc').catch(() => ({ rows: 0 }))).rows > 50);
    await rotateNow(bed);
    rmSync(paths.rotation, { recursive: true });
    await rotateNow(bed);
    await createRowTable(store, 'btc_previous_current'); // of the symbol BTC_PREVIOUS, none of ours
    await rotateNow(bed);
    const rows = await expectAllKept(bed, lane);
    const { pending } = readRotationState(paths);
    expect(pending).toHaveLength(3);
    expect(findBreaks(rows)).toEqual([]);
    expect(findStrays(rows, pending)).toEqual([]);
    expect(new Set(rows.map(({ table }) => table)).size).toBe(4);
  });

  test('of a symbol that was never recorded is EPOCH_UNKNOWN and makes no table', async ({ expect }) => {
    await using store = engine.openStore();
    using paths = openHome();
    await store.command(`CREATE DATABASE \`${store.database}\``);
    const error = await rotateNow({ paths, store, symbol: 'ETH_USDT' }).catch((reason: unknown) => reason);
    expect(CaptureError.is(error, 'EPOCH_UNKNOWN')).toBe(true);
    expect(await store.query(`SELECT name FROM system.tables WHERE database = '${store.database}'`)).toEqual([]);
  });
});

/** Beside this thread, which the lane needs. */
function runNode(args: readonly string[]): Promise<{ signal: string | null; stderr: string }> {
  const { promise, resolve } = Promise.withResolvers<{ signal: string | null; stderr: string }>();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.on('close', (_, signal) => resolve({ signal, stderr }));
  return promise;
}
