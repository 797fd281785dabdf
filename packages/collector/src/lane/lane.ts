import { randomUUID } from 'node:crypto';
import { CaptureError, listExports, openLock, toBase, writeFileAtomic } from '@mexc-toolkit/core';
import { openEgress, parseRoute, readExitIp, toPublicRoute } from '@mexc-toolkit/egress';
import { GapJournal } from '../gaps/gap-journal.ts';
import { holdForRotation, settleRotation } from '../hold/hold.ts';
import { RotationWatch } from '../hold/rotation-watch.ts';
import { GroupCommit } from '../spool/group-commit.ts';
import { isCovered } from '../spool/is-verified.ts';
import { Spool } from '../spool/spool.ts';
import { openBackground } from './background.ts';
import type { LaneOptions } from './lane-options.ts';
import type { LaneStatus } from './lane-status.ts';
import { MemoryBudget } from './memory-budget.ts';
import { openStreams } from './open-streams.ts';
import { recover } from './recover.ts';
import { SessionLoop } from './session-loop.ts';
import { Statistics } from './statistics.ts';
import type { SymbolStream } from './symbol-stream.ts';
import { toLaneStatus, totalRows } from './to-status.ts';

const STATUS_INTERVAL_MS = 1000;
const WATCH_INTERVAL_MS = 100;
const PRUNE_INTERVAL_MS = 60_000;
const STALENESS_INTERVAL_MS = 5000;
const GAP_FLUSH_INTERVAL_MS = 500;
const EXIT_IP_TIMEOUT_MS = 5000;
/** How long a lane that ends waits for a store that does not take rows; they are in the spool in any case. */
const DRAIN_TIMEOUT_MS = 10_000;

/**
 * Records the symbols until the signal aborts, then drains: closes the session, makes every row durable, inserts what the
 * store takes, and returns the last status.
 *
 * Keeps I1–I6, I9, I10 (docs/architecture.md). Owns its spool and the symbols' locks while it runs.
 *
 * @throws {CaptureError} `LOCK_HELD`, `STORE_*` at the start, `VENUE_*`, `EGRESS_*` for the first session, `SYMBOL_UNKNOWN`.
 */
export async function runLane(options: LaneOptions): Promise<LaneStatus> {
  const { paths, symbols, pid, lane, store, clock, telemetry } = options;
  using locks = new DisposableStack();
  const owner = { pid, what: `lane ${lane}` };
  for (const symbol of symbols) locks.use(openLock(paths.symbolLock(toBase(symbol)), owner));
  const directory = paths.spool(lane);
  locks.use(openLock(`${directory}.lock`, owner));
  const exitIp = await lookUpExitIp(options);
  const egress = { route: toPublicRoute(parseRoute(options.egress)), exitIp };
  const rotation = { directory: paths.rotation, store, clock, telemetry, egress, pid };
  for (const symbol of symbols) await settleRotation(toBase(symbol), { ...rotation, signal: options.signal });

  const recovery = await recover({ store, spools: paths.spools, directory, symbols, telemetry, signal: options.signal });
  await using spool = await Spool.open({ directory, segmentBytes: options.spool.segmentBytes, sync: options.spool.sync, clock });
  for (const block of recovery.own) spool.noteExisting(block);
  const gaps = await GapJournal.open({ directory, store, clock, telemetry, random: options.random });
  const statistics = new Statistics(clock);
  const memory = new MemoryBudget(options.spool.memoryBytes, options.rotation.bufferRows);
  const streams = openStreams({
    lane: options,
    recovery,
    incarnation: randomUUID(),
    directory,
    gaps,
    statistics,
    onReleased: (block) => memory.release(block),
  });
  const byBase = new Map<string, SymbolStream>(streams.map((stream) => [stream.base, stream]));
  const primary = streams[0];
  if (!primary) throw new CaptureError('USAGE_INVALID', 'a lane needs at least one symbol');

  let blocked: PromiseWithResolvers<void> | undefined;
  let blockedSinceMs = 0;
  const commit = new GroupCommit({
    spool,
    clock,
    intervalMs: options.spool.commitIntervalMs,
    bytes: options.spool.commitBytes,
    random: options.random,
    onDurable: (block) => {
      const stream = byBase.get(block.location.base);
      if (!stream) return;
      const queued = { location: block.location, payload: memory.keep(block, stream.inserter.queue) };
      if (!stream.inserter.queue.push(queued)) memory.release(queued);
      stream.inserter.wake();
    },
    onBlocked: (error) => {
      if (error) {
        blocked ??= Promise.withResolvers();
        blockedSinceMs = clock.monotonic();
        statistics.noteError();
        telemetry.failure(error);
        telemetry.event('spool.blocked', { lane, reason: error.message });
        loop.interrupt(`the spool cannot be written: ${error.message}`);
      } else {
        telemetry.event('spool.unblocked', { lane, blockedMs: clock.monotonic() - blockedSinceMs });
        blocked?.resolve();
        blocked = undefined;
      }
    },
    onPressure: (high) => loop.setPaused(high),
  });

  // A bug in any part ends the session; a signal does too. Inserting goes on until the drain is over.
  const bug = new AbortController();
  const live = AbortSignal.any([options.signal, bug.signal]);
  const inserting = new AbortController();
  const onBug = (error: unknown): void => bug.abort(error);
  const background = openBackground({ clock, telemetry, signal: live, onBug });
  const inserters = openBackground({ clock, telemetry, signal: inserting.signal, onBug });

  const loop = new SessionLoop({
    lane: options,
    streams,
    statistics,
    telemetry,
    signal: live,
    untilWritable: async () => {
      if (blocked)
        await Promise.race([
          blocked.promise,
          new Promise<void>((resolve) => live.addEventListener('abort', () => resolve(), { once: true })),
        ]);
    },
    ingest: {
      streams: new Map(streams.map((stream) => [stream.symbol, stream])),
      primary,
      commit,
      gaps,
      clock,
      maxFrameBytes: options.session.maxFrameBytes,
    },
  });
  const startedAtMs = clock.now();
  let state: LaneStatus['state'] = 'starting';
  const status = (): LaneStatus => {
    const now =
      state === 'draining' || state === 'stopped'
        ? state
        : blocked
          ? 'blocked'
          : loop.isOpen
            ? 'live'
            : state === 'starting'
              ? 'starting'
              : 'reconnecting';
    if (now === 'live') state = 'live';
    return toLaneStatus({
      options,
      startedAtMs,
      state: now,
      route: egress.route,
      exitIp,
      streams,
      statistics,
      pendingGaps: gaps.pendingCount,
    });
  };
  const writeStatus = (): Promise<void> => writeFileAtomic(paths.status(lane), JSON.stringify(status()));

  telemetry.event('lane.started', { lane, symbols: symbols.join(','), route: egress.route, exitIp: exitIp ?? 'unknown' });
  for (const stream of streams) inserters.run(() => stream.inserter.run(inserting.signal));
  const watch = new RotationWatch(paths.rotation, streams);
  background.every(WATCH_INTERVAL_MS, async () => {
    for (const { stream, state: announced } of await watch.poll()) {
      const hold = { directory: paths.rotation, store, commit, gaps, clock, telemetry, pid, signal: live };
      background.run(() =>
        holdForRotation(stream, announced, {
          ...hold,
          holdTimeoutMs: options.rotation.holdTimeoutMs,
          egress: { route: egress.route, exitIp },
        }),
      );
    }
  });
  background.every(STATUS_INTERVAL_MS, writeStatus);
  background.every(GAP_FLUSH_INTERVAL_MS, () => gaps.flush(live));
  background.every(STALENESS_INTERVAL_MS, () => loop.checkStaleness());
  background.every(PRUNE_INTERVAL_MS, () => prune(options, { spool, streams }));
  background.run(async () => {
    for (;;) {
      await clock.sleep(options.statisticsIntervalMs, live);
      options.onStatistics(status());
      statistics.nextInterval(new Map(streams.map((stream) => [stream.symbol, totalRows(stream)])));
    }
  });

  let failure: unknown;
  try {
    await loop.run();
  } catch (error) {
    failure = error;
  }
  bug.abort(failure ?? bug.signal.reason);
  state = 'draining';
  await background.settled();
  await commit.close();
  await untilInserted(streams, options);
  inserting.abort();
  await inserters.settled();
  await gaps.flush(AbortSignal.timeout(DRAIN_TIMEOUT_MS));
  await gaps.close();
  state = 'stopped';
  const last = status();
  await writeStatus();
  telemetry.event('lane.drained', { lane, spooledRows: last.rows, insertedRows: last.rows - last.backlogRows });
  const cause = failure ?? (options.signal.aborted ? undefined : bug.signal.reason);
  if (cause !== undefined) throw cause;
  return last;
}

async function lookUpExitIp(options: LaneOptions): Promise<string | null> {
  const echoUrl = options.venue.ipEchoUrl;
  if (echoUrl === undefined) return null;
  using egress = openEgress(options.egress, echoUrl.startsWith('https:'));
  return await readExitIp(echoUrl, { egress, timeoutMs: EXIT_IP_TIMEOUT_MS });
}

const isFree = (stream: SymbolStream): boolean => stream.inserter.queue.holdFromUs === undefined;

/** Waits until everything is inserted; gives up when nothing moves for a while. What is left stays in the spool. */
async function untilInserted(streams: readonly SymbolStream[], options: LaneOptions): Promise<void> {
  const backlog = (): number =>
    streams.filter(isFree).reduce((rows, stream) => rows + stream.nextSeq - 1 - stream.inserter.insertedSeq, 0);
  let left = backlog();
  let movedAtMs = options.clock.monotonic();
  while (left > 0 && options.clock.monotonic() - movedAtMs < DRAIN_TIMEOUT_MS) {
    await options.clock.sleep(10);
    if (backlog() < left) movedAtMs = options.clock.monotonic();
    left = backlog();
  }
}

async function prune(
  options: LaneOptions,
  { spool, streams }: { readonly spool: Spool; readonly streams: readonly SymbolStream[] },
): Promise<void> {
  const verified = new Map<string, { readonly firstSeq: number; readonly lastSeq: number }[]>();
  for (const { base, symbol } of streams) {
    const records = await listExports(options.store, symbol, options.signal);
    verified.set(
      base,
      records.filter((record) => record.verdict === 'match' && record.rows > 0),
    );
  }
  const pruned = await spool.prune((base, range) => isCovered(range, verified.get(base) ?? []), options.spool.retentionMs);
  if (pruned.segments > 0) options.telemetry.event('spool.pruned', { lane: options.lane, ...pruned });
}
