import { randomUUID } from 'node:crypto';
import { CaptureError, openLock, toBase, writeFileAtomic, type RotationAck } from '@mexc-toolkit/core';
import { openEgress, parseRoute, readExitIp, toPublicRoute } from '@mexc-toolkit/egress';
import { GapJournal } from '../gaps/gap-journal.ts';
import { settleRotation } from '../hold/hold.ts';
import { answerRotations } from '../hold/rotation-watch.ts';
import { Spool } from '../spool/spool.ts';
import { openBackground } from './background.ts';
import { drain } from './drain.ts';
import type { LaneOptions } from './lane-options.ts';
import type { LaneStatus } from './lane-status.ts';
import { MemoryBudget } from './memory-budget.ts';
import { openCommit } from './open-commit.ts';
import { openStreams } from './open-streams.ts';
import { prune } from './prune.ts';
import { recover } from './recover.ts';
import { SessionLoop } from './session-loop.ts';
import { SpoolGate } from './spool-gate.ts';
import { Statistics } from './statistics.ts';
import { toLaneStatus, totalRows } from './to-status.ts';

const STATUS_INTERVAL_MS = 1000;
const PRUNE_INTERVAL_MS = 60_000;
const STALENESS_INTERVAL_MS = 5000;
const GAP_FLUSH_INTERVAL_MS = 500;
const EXIT_IP_TIMEOUT_MS = 5000;

/**
 * Records the symbols until the signal aborts, then drains: closes the session, makes every row durable, inserts what the
 * store takes, and returns the last status.
 *
 * Keeps I1–I6, I9, I10 (docs/architecture.md). Owns its spool and the symbols' locks while it runs.
 *
 * @throws {CaptureError} `LOCK_HELD`, `STORE_*` at the start, `VENUE_*`, `EGRESS_*` for the first session, `SYMBOL_UNKNOWN`,
 *   `SPOOL_UNWRITABLE` when the disk is full at the start or at the end.
 */
export async function runLane(options: LaneOptions): Promise<LaneStatus> {
  const { paths, symbols, pid, lane, store, clock, telemetry } = options;
  using _ = takeLocks(options);
  const egress = { route: toPublicRoute(parseRoute(options.egress)), exitIp: await lookUpExitIp(options) };
  const rotation = { directory: paths.rotation, store, clock, telemetry, egress, pid };
  for (const symbol of symbols) await settleRotation(toBase(symbol), { ...rotation, signal: options.signal });

  const directory = paths.spool(lane);
  const recovery = await recover({ store, spools: paths.spools, directory, symbols, telemetry, signal: options.signal });
  const { segmentBytes, sync } = options.spool;
  await using spool = await Spool.open({ directory, segmentBytes, sync, clock, existing: recovery.own });
  await using gaps = await GapJournal.open({ directory, store, clock, telemetry, random: options.random });
  const statistics = new Statistics(clock);
  const memory = new MemoryBudget(options.spool.memoryBytes, options.rotation.bufferRows);
  const gate = new SpoolGate();
  const streams = openStreams({
    lane: options,
    recovery,
    incarnation: randomUUID(),
    gaps,
    statistics,
    onReleased: (block) => memory.release(block),
  });
  const [primary] = streams;
  if (!primary) throw new CaptureError('USAGE_INVALID', 'a lane needs at least one symbol');
  const commit = openCommit({
    lane: options,
    spool,
    gate,
    memory,
    statistics,
    streams,
    interrupt: (reason) => loop.interrupt(reason),
    setPaused: (paused) => loop.setPaused(paused),
  });

  // A bug in any part ends the session; a signal does too. Inserting goes on until the drain is over.
  const ending = new AbortController();
  const live = AbortSignal.any([options.signal, ending.signal]);
  const inserting = new AbortController();
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    ending.abort();
  };
  const background = openBackground({ clock, telemetry, signal: live, onBug: fail });
  const inserters = openBackground({ clock, telemetry, signal: inserting.signal, onBug: fail });
  const bySymbol = new Map(streams.map((stream) => [stream.symbol, stream]));
  const { maxFrameBytes } = options.session;
  const loop = new SessionLoop({
    lane: options,
    streams,
    statistics,
    telemetry,
    gate,
    signal: live,
    ingest: { streams: bySymbol, primary, commit, gaps, clock, maxFrameBytes },
  });

  const startedAtMs = clock.now();
  let phase: 'running' | 'draining' | 'stopped' = 'running';
  const status = (): LaneStatus =>
    toLaneStatus({ options, startedAtMs, phase, gate, loop, ...egress, streams, statistics, pendingGaps: gaps.pendingCount });
  const writeStatus = (): Promise<void> => writeFileAtomic(paths.status(lane), JSON.stringify(status()));

  telemetry.event('lane.started', { lane, symbols: symbols.join(','), route: egress.route, exitIp: egress.exitIp ?? 'unknown' });
  for (const { inserter } of streams) inserters.run(() => inserter.run(inserting.signal));
  const { holdTimeoutMs } = options.rotation;
  answerRotations(background, streams, { ...rotation, commit, gaps, holdTimeoutMs, signal: live });
  background.every(STATUS_INTERVAL_MS, writeStatus);
  background.every(GAP_FLUSH_INTERVAL_MS, () => gaps.flush(live));
  background.every(Math.min(STALENESS_INTERVAL_MS, options.session.symbolSilenceMs / 2), () => loop.checkStaleness());
  background.every(PRUNE_INTERVAL_MS, () => prune(spool, { ...options, signal: live }));
  background.run(async () => {
    for (;;) {
      await clock.sleep(options.statisticsIntervalMs, live);
      options.onStatistics(status());
      statistics.nextInterval(new Map(streams.map((stream) => [stream.symbol, totalRows(stream)])));
    }
  });

  await loop.run().catch(fail);
  phase = 'draining';
  ending.abort();
  const refused = await drain({ commit, gaps, streams, background, inserters, inserting, clock });
  phase = 'stopped';
  const last = status();
  await writeStatus().catch((error: unknown) => telemetry.failure(error));
  telemetry.event('lane.drained', { lane, spooledRows: last.rows, insertedRows: last.rows - last.backlogRows });
  if (failure !== undefined || refused) throw failure ?? refused;
  return last;
}

/** One lane a symbol, and one process a spool. */
function takeLocks({ paths, lane, pid, symbols }: LaneOptions): Disposable {
  using locks = new DisposableStack();
  const owner = { pid, what: `lane ${lane}` };
  for (const symbol of symbols) locks.use(openLock(paths.symbolLock(toBase(symbol)), owner));
  locks.use(openLock(`${paths.spool(lane)}.lock`, owner));
  return locks.move();
}

async function lookUpExitIp(options: LaneOptions): Promise<RotationAck['egress']['exitIp']> {
  const echoUrl = options.venue.ipEchoUrl;
  if (echoUrl === undefined) return null;
  using egress = openEgress(options.egress, echoUrl.startsWith('https:'));
  return await readExitIp(echoUrl, { egress, timeoutMs: EXIT_IP_TIMEOUT_MS });
}
