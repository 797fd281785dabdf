import { CaptureError, type Clock } from '@mexc-toolkit/core';
import type { GapJournal } from '../gaps/gap-journal.ts';
import type { GroupCommit } from '../spool/group-commit.ts';
import type { Background } from './background.ts';
import type { SymbolStream } from './symbol-stream.ts';

/** How long a lane that ends waits for a store that does not take rows; they are in the spool in any case. */
const DRAIN_TIMEOUT_MS = 10_000;

export interface DrainOptions {
  readonly commit: GroupCommit;
  readonly gaps: GapJournal;
  readonly streams: readonly SymbolStream[];
  /** Ends by itself, once the lane's signal has aborted. */
  readonly background: Background;
  readonly inserters: Background;
  /** Ends the inserters. */
  readonly inserting: AbortController;
  readonly clock: Clock;
}

/**
 * The end of a lane whose session is closed: makes every row durable, inserts what the store takes, ends all work.
 *
 * @returns what went wrong: rows that the spool refused are lost, and that is an error of the lane
 */
export async function drain(options: DrainOptions): Promise<CaptureError | undefined> {
  const { commit, gaps, background, inserters, inserting } = options;
  // Together: a hold of the background may wait for the commit.
  const [committed] = await Promise.allSettled([commit.close(), background.settled()]);
  await Promise.all([untilInserted(options), gaps.flush(AbortSignal.timeout(DRAIN_TIMEOUT_MS))]);
  inserting.abort();
  await inserters.settled();
  if (committed.status === 'fulfilled') return undefined;
  if (CaptureError.is(committed.reason)) return committed.reason;
  throw committed.reason;
}

const isFree = (stream: SymbolStream): boolean => stream.inserter.queue.holdFromUs === undefined;

/** Waits until everything is inserted; gives up when nothing moves for a while. What is left stays in the spool. */
async function untilInserted({ streams, clock }: DrainOptions): Promise<void> {
  // Not the seq of the last row received: a row that did not become durable is never queued.
  const backlog = (): number => streams.filter(isFree).reduce((rows, { inserter }) => rows + inserter.queue.rows, 0);
  let left = backlog();
  let movedAtMs = clock.monotonic();
  while (left > 0 && clock.monotonic() - movedAtMs < DRAIN_TIMEOUT_MS) {
    await clock.sleep(10);
    if (backlog() < left) movedAtMs = clock.monotonic();
    left = backlog();
  }
}
