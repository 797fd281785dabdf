import {
  settleStatements,
  tryLock,
  type Clock,
  type RotationAck,
  type RotationReport,
  type RotationState,
  type Store,
  type Telemetry,
} from '@mexc-toolkit/core';
import { join } from 'node:path';
import type { GapJournal } from '../gaps/gap-journal.ts';
import type { SymbolStream } from '../lane/symbol-stream.ts';
import type { GroupCommit } from '../spool/group-commit.ts';
import { readRotationState, writeRotationAck } from './rotation-files.ts';

export interface SettleOptions {
  readonly directory: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly egress: RotationAck['egress'];
  readonly pid: number;
  readonly signal: AbortSignal;
}

export interface HoldOptions extends SettleOptions {
  readonly commit: GroupCommit;
  readonly gaps: GapJournal;
  readonly holdTimeoutMs: number;
}

const POLL_MS = 5;

/**
 * The lane's part of a rotation (docs/architecture.md#rotation, steps 2 and 4): inserts every row before the boundary, holds
 * the later ones, acknowledges, and goes on when the tables were rotated, or when the rotator gave up or vanished.
 *
 * One hold of a stream at a time: the caller waits for the end of an earlier one, or that one's release would end this.
 *
 * Keeps I6: after `held` was acknowledged, no row with `ts_recv < boundary` is ever made, and none with
 * `ts_recv ≥ boundary` is inserted before the rotation is over or proven not to happen.
 */
export async function holdForRotation(stream: SymbolStream, announced: RotationState, options: HoldOptions): Promise<void> {
  const { attempt, boundaryUs } = announced;
  if (attempt === null || boundaryUs === null) return;
  const { clock, telemetry, signal } = options;
  const acknowledge = (outcome: RotationAck['outcome'], lastSeq: number, report: RotationReport | null = null): Promise<void> =>
    writeRotationAck(options.directory, stream.base, {
      formatVersion: 1,
      attempt,
      outcome,
      lastSeq,
      report,
      egress: options.egress,
    });

  if (!(await isStillAsked(stream.base, attempt, options))) return;
  if (stream.lastTsRecvUs >= boundaryUs) return await acknowledge('late', stream.nextSeq - 1);
  stream.boundaryUs = boundaryUs;
  stream.arrivedDuringHold = 0;
  stream.inserter.queue.holdFromUs = boundaryUs;
  try {
    if (!(await untilBoundary(stream, { attempt, boundaryUs }, options))) return;
    const heldFrom = clock.monotonic();
    // A wall clock that steps back from here on cannot make a row of the ended epoch any more.
    stream.lastTsRecvUs = Math.max(stream.lastTsRecvUs, boundaryUs - 1);
    await options.commit.flush();
    splitOutage(stream, boundaryUs, options.gaps);
    // Gaps of the ended epoch go before the answer, so that its manifest has them.
    const gapsSent = openLatch(options.gaps.flush(signal));
    while (stream.inserter.queue.hasBefore(boundaryUs) || !gapsSent.isOpen) {
      if (!(await isStillAsked(stream.base, attempt, options))) return;
      await clock.sleep(POLL_MS, signal);
    }
    const lastSeq = stream.inserter.insertedSeq;
    telemetry.event('rotation.held', { base: stream.base, attempt, lastSeq });
    await acknowledge('held', lastSeq);
    const withdraw = (): Promise<void> => acknowledge('withdrawn', stream.inserter.insertedSeq);
    const rotated = await untilReleased(
      stream.base,
      { attempt, boundaryUs, withdraw, withdrawAfterMs: options.holdTimeoutMs },
      options,
    );
    if (!rotated) return;
    const arrivedDuringHold = stream.arrivedDuringHold;
    const lastHeldSeq = stream.nextSeq - 1;
    const bufferedRows = lastHeldSeq - stream.inserter.insertedSeq;
    const heldMs = clock.monotonic() - heldFrom;
    release(stream);
    const drainFrom = clock.monotonic();
    await options.commit.flush();
    while (stream.inserter.insertedSeq < lastHeldSeq && clock.monotonic() - drainFrom < options.holdTimeoutMs)
      await clock.sleep(POLL_MS, signal);
    const report: RotationReport = {
      attempt,
      acknowledgedBy: 'lane',
      heldMs,
      drainMs: clock.monotonic() - drainFrom,
      bufferedRows,
      arrivedDuringHold,
    };
    telemetry.event('rotation.released', { base: stream.base, attempt, heldMs, bufferedRows });
    await acknowledge('released', lastSeq, report);
  } finally {
    // A lane that ends in the middle keeps holding: what it holds is in the spool, and its next start asks how the rotation went.
    if (!signal.aborted) release(stream);
  }
}

/**
 * At the start of a lane: makes sure that no rotation which an earlier life of the lane may have acknowledged is still going
 * on. Afterwards inserting into current is safe.
 */
export async function settleRotation(base: string, options: SettleOptions): Promise<void> {
  const state = await readRotationState(options.directory, base);
  if (!state || state.phase === 'idle' || state.attempt === null || state.boundaryUs === null) return;
  const { attempt, boundaryUs } = state;
  const withdraw = (): Promise<void> =>
    writeRotationAck(options.directory, base, {
      formatVersion: 1,
      attempt,
      outcome: 'withdrawn',
      lastSeq: 0,
      report: null,
      egress: options.egress,
    });
  await untilReleased(base, { attempt, boundaryUs, withdraw, withdrawAfterMs: 0 }, options);
}

function release(stream: SymbolStream): void {
  stream.boundaryUs = undefined;
  stream.inserter.queue.holdFromUs = undefined;
  stream.inserter.wake();
}

/** Waits until the wall clock, or a row, has reached the boundary; false when the rotator gave up before. */
async function untilBoundary(stream: SymbolStream, { attempt, boundaryUs }: Announced, options: HoldOptions): Promise<boolean> {
  for (;;) {
    const leftMs = boundaryUs / 1000 - options.clock.now();
    if (leftMs <= 0 || stream.lastTsRecvUs >= boundaryUs) return true;
    await options.clock.sleep(Math.min(leftMs, 100), options.signal);
    if (!(await isStillAsked(stream.base, attempt, options))) return false;
  }
}

/** Tells whether `work` has succeeded. What it rejects with is thrown when asked. */
function openLatch(work: Promise<void>): { readonly isOpen: boolean } {
  let isOpen = false;
  let failure: { readonly error: unknown } | undefined;
  work.then(
    () => (isOpen = true),
    (error: unknown) => (failure = { error }),
  );
  return {
    get isOpen() {
      if (failure) throw failure.error;
      return isOpen;
    },
  };
}

async function isStillAsked(base: string, attempt: string, options: HoldOptions): Promise<boolean> {
  const state = await readRotationState(options.directory, base);
  return state !== undefined && state.attempt === attempt && state.phase !== 'idle';
}

interface Announced {
  readonly attempt: string;
  readonly boundaryUs: number;
}

interface Held extends Announced {
  readonly withdraw: () => Promise<void>;
  readonly withdrawAfterMs: number;
}

/**
 * Waits for the end of the rotation; true when the tables were rotated.
 *
 * A lane that waited `withdrawAfterMs` withdraws: it writes that first and reads the rotator's state after it, while the
 * rotator writes `rotating` first and reads the acknowledgement after it. So at least one of the two sees the other, and
 * rows after the boundary never reach a table that is about to become the previous one.
 */
async function untilReleased(base: string, held: Held, options: SettleOptions): Promise<boolean> {
  const { clock, signal, telemetry } = options;
  const deadline = clock.monotonic() + held.withdrawAfterMs;
  let withdrawn = false;
  for (;;) {
    const state = await readRotationState(options.directory, base);
    if (state?.epochStartUs === held.boundaryUs && state.phase === 'idle') return true;
    if (state?.attempt !== held.attempt || state.phase === 'idle') return false;
    if (withdrawn && (state.phase === 'announced' || (await isRotatorGone(base, options)))) return false;
    if (!withdrawn && clock.monotonic() >= deadline) {
      withdrawn = true;
      await held.withdraw();
      telemetry.event('rotation.withdrawn', { base, attempt: held.attempt });
    } else {
      await clock.sleep(withdrawn ? 50 : POLL_MS, signal);
    }
  }
}

/** Whether no rotator lives and none of its statements runs: then no RENAME can come any more. */
async function isRotatorGone(base: string, options: SettleOptions): Promise<boolean> {
  const lock = tryLock(join(options.directory, `${base}.lock`), { pid: options.pid, what: `lane of ${base}` });
  if (!lock) return false;
  try {
    await settleStatements(options.store, `mexc-rotate:${base}:`, options.signal);
    return true;
  } finally {
    lock[Symbol.dispose]();
  }
}

/** An outage that goes on over the boundary is a record of both epochs. */
function splitOutage(stream: SymbolStream, boundaryUs: number, gaps: GapJournal): void {
  if (stream.outageSinceUs === undefined || stream.outageSinceUs >= boundaryUs) return;
  gaps.note(stream.symbol, {
    kind: 'outage',
    startedUs: stream.outageSinceUs,
    endedUs: boundaryUs - 1,
    detail: `${stream.outageDetail}; goes on`,
  });
  stream.outageSinceUs = boundaryUs;
}
