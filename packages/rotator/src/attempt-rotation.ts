import { randomUUID } from 'node:crypto';
import { CaptureError, type PendingEpoch, type RotationAck, type RotationReport } from '@mexc-toolkit/core';
import { toEpoch } from './epoch-bounds.ts';
import { recover } from './recover-rotation.ts';
import type { RotationContext, StoppedLane, SymbolRotation } from './rotation-context.ts';
import { readAck } from './rotation-files.ts';
import { decideOnAck, toAbandoned, toAnnounced, toRotated, toRotating } from './rotation-state.ts';

interface Answer {
  readonly ack: RotationAck | undefined;
  readonly stopped: StoppedLane | undefined;
}

const mayRotate = (ack: RotationAck | undefined, stopped: StoppedLane | undefined): boolean =>
  stopped ? !stopped.isLate : decideOnAck(ack?.outcome) === 'rotate';

const reportOfStopped = (attempt: string): RotationReport => ({
  attempt,
  acknowledgedBy: 'nobody',
  heldMs: 0,
  drainMs: 0,
  bufferedRows: 0,
  arrivedDuringHold: 0,
});

const POLL_MS = 5;
const TAKE_OVER_DELAY_MS = 250;
const TAKE_OVER_INTERVAL_MS = 500;
const REPORT_TIMEOUT_MS = 5000;

/** One announcement; undefined when it has to be made anew. */
export async function attemptRotation(
  context: RotationContext,
  boundaryUs: number,
  deadlineMs: number,
): Promise<SymbolRotation | undefined> {
  const { signal, directory } = context;
  const attempt = randomUUID();
  context.crash('announce');
  await context.write(toAnnounced(await context.read(), attempt, boundaryUs));
  let answer: Answer | undefined;
  try {
    answer = await untilAnswered(context, attempt, { boundaryUs, deadlineMs });
  } finally {
    if (!answer) await context.write(toAbandoned(await context.read()));
  }
  using stopped = answer.stopped;
  if (!mayRotate(answer.ack, stopped)) return await abandon(context);
  context.crash('rotating');
  await context.write(toRotating(await context.read()));
  // After `rotating` is written the lane's answer is read once more: see hold.ts of the collector.
  if (!mayRotate(await readAck(directory, context.base, attempt), stopped)) return await abandon(context);
  const report = stopped ? reportOfStopped(attempt) : null;
  const epoch = await toEpoch(context, await context.read(), { report, egress: answer.ack?.egress ?? null });
  context.crash('rename');
  try {
    await context.tables.swap(signal);
    context.crash('rotated');
    await context.write(toRotated(await context.read(), epoch));
  } catch (error) {
    // Whether the tables were renamed is not known: ask the store, as the next rotator would.
    if (!CaptureError.is(error)) throw error;
    await recoverUntil(context, deadlineMs);
    if (!(await context.read()).pending.some((other) => other.table === epoch.table && other.endUs === epoch.endUs))
      return undefined;
  }
  context.telemetry.event('epoch.rotated', {
    base: context.base,
    table: epoch.table,
    startUs: epoch.startUs,
    endUs: epoch.endUs,
  });
  return stopped ? { symbol: context.symbol, epoch, report } : await withLaneReport(context, epoch, attempt);
}

async function abandon(context: RotationContext): Promise<undefined> {
  await context.write(toAbandoned(await context.read()));
  return undefined;
}

async function recoverUntil(context: RotationContext, deadlineMs: number): Promise<void> {
  const { clock, signal } = context;
  for (;;) {
    try {
      await recover(context);
      return;
    } catch (error) {
      if (!CaptureError.is(error) || clock.monotonic() >= deadlineMs) throw error;
      await clock.sleep(200, signal);
    }
  }
}

/** Waits for the lane, or takes its place when it does not run. */
async function untilAnswered(
  context: RotationContext,
  attempt: string,
  until: { readonly boundaryUs: number; readonly deadlineMs: number },
): Promise<Answer> {
  const { clock, signal, directory, takeOver } = context;
  // A lane that lives answers within this time as a rule; asking whether it lives would only delay it.
  let nextTakeOverMs = clock.monotonic() + Math.max(0, until.boundaryUs / 1000 - clock.now()) + TAKE_OVER_DELAY_MS;
  for (;;) {
    const ack = await readAck(directory, context.base, attempt);
    if (decideOnAck(ack?.outcome) !== 'wait') return { ack, stopped: undefined };
    const isDue = clock.now() * 1000 >= until.boundaryUs;
    if (isDue && clock.monotonic() >= nextTakeOverMs) {
      nextTakeOverMs = clock.monotonic() + TAKE_OVER_INTERVAL_MS;
      const stopped = await takeOver(until.boundaryUs);
      if (stopped) return { ack: undefined, stopped };
    }
    if (clock.monotonic() >= until.deadlineMs) throw context.unacknowledged();
    const leftMs = until.boundaryUs / 1000 - clock.now();
    await clock.sleep(leftMs > 200 ? 100 : POLL_MS, signal);
  }
}

/** The lane's own figures come after it has drained; a rotation without them is as good. */
async function withLaneReport(context: RotationContext, epoch: PendingEpoch, attempt: string): Promise<SymbolRotation> {
  const { clock, signal, directory, symbol } = context;
  const deadline = clock.monotonic() + REPORT_TIMEOUT_MS;
  while (clock.monotonic() < deadline) {
    const ack = await readAck(directory, context.base, attempt);
    if (ack?.outcome === 'released' && ack.report) {
      const { report } = ack;
      const state = await context.read();
      await context.write({
        ...state,
        pending: state.pending.map((other) => (other.table === epoch.table ? { ...other, report } : other)),
      });
      return { symbol, epoch: { ...epoch, report }, report };
    }
    await clock.sleep(POLL_MS * 2, signal);
  }
  return { symbol, epoch, report: null };
}
