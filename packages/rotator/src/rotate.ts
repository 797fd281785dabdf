import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  CaptureError,
  currentTable,
  previousTable,
  toBase,
  tryLock,
  type Base,
  type Clock,
  type ContractSymbol,
  type PendingEpoch,
  type RotationAck,
  type RotationReport,
  type RotationState,
  type Store,
  type Telemetry,
} from '@mexc-toolkit/core';
import { deriveEpochStart } from './epoch-start.ts';
import { readAck, readState, writeState } from './rotation-files.ts';
import {
  asideTable,
  decideOnAck,
  decideRecovery,
  toAbandoned,
  toAnnounced,
  toRotated,
  toRotating,
  withAdopted,
  withMoved,
} from './rotation-state.ts';
import { openRotationTables, type RotationTables } from './rotation-tables.ts';

/** A symbol whose lane does not run and cannot start while this is held. */
export interface StoppedLane extends Disposable {
  /** Rows at or after the boundary are in current already, so that boundary cannot be cut any more. */
  readonly isLate: boolean;
}

export interface RotateOptions {
  readonly symbol: ContractSymbol;
  /** `<home>/rotation` */
  readonly directory: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly pid: number;
  /** End of the ending epoch, microseconds. Must lie in the future, or the lane answers `late`. */
  readonly boundaryUs: number;
  /** How long after the boundary the lane may take to acknowledge. */
  readonly ackTimeoutMs: number;
  /** Takes the place of a lane that does not run and inserts what it left before the boundary; undefined while it lives. */
  readonly takeOver: (boundaryUs: number) => Promise<StoppedLane | undefined>;
  readonly signal: AbortSignal;
  /** For tests: called before each step that a crash could precede. */
  readonly crashPoint?: (step: string) => void;
}

/** Result of one rotation. Stable: printed by `mexc rotate --json`. */
export interface SymbolRotation {
  readonly symbol: ContractSymbol;
  readonly epoch: PendingEpoch;
  readonly report: RotationReport | null;
}

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
const TAKE_OVER_INTERVAL_MS = 500;
const REPORT_TIMEOUT_MS = 5000;

/**
 * Turns the current table of a symbol into its previous one at an exact boundary (docs/architecture.md#rotation).
 *
 * Keeps I6: every row of the ended epoch has `ts_recv < boundary`, every later one is in the new current table. Keeps I7:
 * nothing is dropped; an older previous table is moved aside first. Killed anywhere and run again, it finishes or gives up
 * cleanly; rows are never lost by either.
 *
 * @throws {CaptureError} `ROTATION_BUSY`, `ROTATION_UNACKNOWLEDGED`, `STORE_*`
 */
export async function rotate(options: RotateOptions): Promise<SymbolRotation> {
  const base = toBase(options.symbol);
  using lock = tryLock(join(options.directory, `${base}.lock`), { pid: options.pid, what: `rotation of ${options.symbol}` });
  if (!lock)
    throw new CaptureError('ROTATION_BUSY', `a rotation of ${options.symbol} is running`, {
      context: { symbol: options.symbol },
    });
  const rotation = new Rotation(options, base);
  await rotation.recover();
  return await rotation.run();
}

class Rotation {
  readonly #options: RotateOptions;
  readonly #base: Base;
  readonly #tables: RotationTables;

  constructor(options: RotateOptions, base: Base) {
    this.#options = options;
    this.#base = base;
    this.#tables = openRotationTables(options.store, options.symbol, { base, incarnation: randomUUID() });
  }

  /** Ends what an earlier rotator began, and makes state and tables agree. */
  async recover(): Promise<void> {
    const { signal, symbol, directory } = this.#options;
    await this.#tables.settle(signal);
    const state = await this.#read();
    const existing = await this.#tables.list(signal);
    if (existing.length === 0)
      throw new CaptureError('EPOCH_UNKNOWN', `${symbol} has no table: it was never recorded here`, { context: { symbol } });
    await this.#tables.restoreCurrent(signal);
    switch (decideRecovery(state.phase, existing.includes(previousTable(this.#base)))) {
      case 'complete': {
        const ack = state.attempt === null ? undefined : await readAck(directory, this.#base, state.attempt);
        await this.#write(toRotated(state, await this.#toEpoch(state, ack?.report ?? null)));
        break;
      }
      case 'abandon':
        await this.#write(toAbandoned(state));
        break;
      case 'none':
        break;
    }
    await this.#adoptUnknown(existing);
  }

  /** A previous table that no state tells of (the state was lost) is an epoch too: its bounds are those of its rows. */
  async #adoptUnknown(existing: readonly string[]): Promise<void> {
    const { signal } = this.#options;
    const state = await this.#read();
    const previous = previousTable(this.#base);
    // Named with its new name already, although it has the old one still: see #moveAside.
    const isBeingMoved = state.pending.some(
      ({ table, startUs }) => table === asideTable(previous, startUs) && !existing.includes(table),
    );
    const unknown = existing.filter(
      (table) =>
        table !== currentTable(this.#base) &&
        !state.pending.some((epoch) => epoch.table === table) &&
        !(table === previous && isBeingMoved),
    );
    if (unknown.length === 0) return;
    const current = await this.#tables.bounds(currentTable(this.#base), signal);
    // A table without rows ends where current begins.
    const emptyUs = (current?.firstTsRecvUs ?? Math.floor(this.#options.clock.now() * 1000)) - 1;
    const found = await Promise.all(
      unknown.map(async (table) => ({
        table,
        ...((await this.#tables.bounds(table, signal)) ?? { firstTsRecvUs: emptyUs, lastTsRecvUs: emptyUs }),
      })),
    );
    // Oldest first: the end of one bounds the start of the next.
    for (const { table, firstTsRecvUs, lastTsRecvUs } of found.toSorted((a, b) => a.firstTsRecvUs - b.firstTsRecvUs)) {
      const known = await this.#read();
      const endUs = lastTsRecvUs + 1;
      const startUs = deriveEpochStart({ firstTsRecvUs, knownEndsUs: await this.#knownEndsUs(known), boundaryUs: endUs });
      await this.#write(withAdopted(known, { table, startUs, endUs, report: null }));
    }
  }

  async run(): Promise<SymbolRotation> {
    await this.#moveAside();
    let boundaryUs = this.#options.boundaryUs;
    const deadlineMs =
      this.#options.clock.monotonic() + Math.max(0, boundaryUs / 1000 - this.#options.clock.now()) + this.#options.ackTimeoutMs;
    for (;;) {
      const outcome = await this.#attempt(boundaryUs, deadlineMs);
      if (outcome) return outcome;
      // The lane was late or withdrew: the same hour cannot be cut at that boundary any more.
      boundaryUs = Math.ceil((this.#options.clock.now() + 1000) / 1000) * 1_000_000;
      if (this.#options.clock.monotonic() >= deadlineMs) throw this.#unacknowledged();
    }
  }

  /** One announcement; undefined when it has to be made anew. */
  async #attempt(boundaryUs: number, deadlineMs: number): Promise<SymbolRotation | undefined> {
    const { signal, directory } = this.#options;
    const attempt = randomUUID();
    this.#crashPoint('announce');
    await this.#write(toAnnounced(await this.#read(), attempt, boundaryUs));
    let answer: Answer | undefined;
    try {
      answer = await this.#untilAnswered(attempt, { boundaryUs, deadlineMs });
    } finally {
      if (!answer) await this.#write(toAbandoned(await this.#read()));
    }
    using stopped = answer.stopped;
    if (!mayRotate(answer.ack, stopped)) return await this.#abandon();
    this.#crashPoint('rotating');
    await this.#write(toRotating(await this.#read()));
    // After `rotating` is written the lane's answer is read once more: see hold.ts of the collector.
    if (!mayRotate(await readAck(directory, this.#base, attempt), stopped)) return await this.#abandon();
    const report = stopped ? reportOfStopped(attempt) : null;
    const epoch = await this.#toEpoch(await this.#read(), report);
    this.#crashPoint('rename');
    try {
      await this.#tables.swap(signal);
      this.#crashPoint('rotated');
      await this.#write(toRotated(await this.#read(), epoch));
    } catch (error) {
      // Whether the tables were renamed is not known: ask the store, as the next rotator would.
      if (!CaptureError.is(error)) throw error;
      await this.#recoverUntil(deadlineMs);
      if (!(await this.#read()).pending.some((other) => other.table === epoch.table && other.endUs === epoch.endUs))
        return undefined;
    }
    this.#options.telemetry.event('epoch.rotated', {
      base: this.#base,
      table: epoch.table,
      startUs: epoch.startUs,
      endUs: epoch.endUs,
    });
    return stopped ? { symbol: this.#options.symbol, epoch, report } : await this.#withLaneReport(epoch, attempt);
  }

  async #abandon(): Promise<undefined> {
    await this.#write(toAbandoned(await this.#read()));
    return undefined;
  }

  async #recoverUntil(deadlineMs: number): Promise<void> {
    const { clock, signal } = this.#options;
    for (;;) {
      try {
        await this.recover();
        return;
      } catch (error) {
        if (!CaptureError.is(error) || clock.monotonic() >= deadlineMs) throw error;
        await clock.sleep(200, signal);
      }
    }
  }

  /** Waits for the lane, or takes its place when it does not run. */
  async #untilAnswered(attempt: string, until: { readonly boundaryUs: number; readonly deadlineMs: number }): Promise<Answer> {
    const { clock, signal, directory, takeOver } = this.#options;
    let nextTakeOverMs = 0;
    for (;;) {
      const ack = await readAck(directory, this.#base, attempt);
      if (decideOnAck(ack?.outcome) !== 'wait') return { ack, stopped: undefined };
      const isDue = clock.now() * 1000 >= until.boundaryUs;
      if (isDue && clock.monotonic() >= nextTakeOverMs) {
        nextTakeOverMs = clock.monotonic() + TAKE_OVER_INTERVAL_MS;
        const stopped = await takeOver(until.boundaryUs);
        if (stopped) return { ack: undefined, stopped };
      }
      if (clock.monotonic() >= until.deadlineMs) throw this.#unacknowledged();
      const leftMs = until.boundaryUs / 1000 - clock.now();
      await clock.sleep(leftMs > 200 ? 100 : POLL_MS, signal);
    }
  }

  /** The lane's own figures come after it has drained; a rotation without them is as good. */
  async #withLaneReport(epoch: PendingEpoch, attempt: string): Promise<SymbolRotation> {
    const { clock, signal, directory, symbol } = this.#options;
    const deadline = clock.monotonic() + REPORT_TIMEOUT_MS;
    while (clock.monotonic() < deadline) {
      const ack = await readAck(directory, this.#base, attempt);
      if (ack?.outcome === 'released' && ack.report) {
        const { report } = ack;
        const state = await this.#read();
        await this.#write({
          ...state,
          pending: state.pending.map((other) => (other.table === epoch.table ? { ...other, report } : other)),
        });
        return { symbol, epoch: { ...epoch, report }, report };
      }
      await clock.sleep(POLL_MS * 2, signal);
    }
    return { symbol, epoch, report: null };
  }

  /** An unproven previous table makes room; it is never overwritten (I7). */
  async #moveAside(): Promise<void> {
    const { signal } = this.#options;
    const previous = previousTable(this.#base);
    if (!(await this.#tables.list(signal)).includes(previous)) return;
    const state = await this.#read();
    const existing = await this.#tables.list(signal);
    // Either the state names it, or an earlier rotator wrote its new name and died before the RENAME.
    const known = state.pending.find(
      ({ table, startUs }) => table === previous || (table === asideTable(previous, startUs) && !existing.includes(table)),
    );
    if (!known) throw new Error(`table ${previous} belongs to no epoch that is known`);
    const aside = asideTable(previous, known.startUs);
    await this.#write(withMoved(state, previous, aside));
    this.#crashPoint('move-aside');
    await this.#tables.rename(previous, aside, signal);
  }

  async #toEpoch(state: RotationState, report: RotationReport | null): Promise<PendingEpoch> {
    const { signal } = this.#options;
    const endUs = state.boundaryUs ?? this.#options.boundaryUs;
    if (state.epochStartUs !== null) return { table: previousTable(this.#base), startUs: state.epochStartUs, endUs, report };
    const table =
      state.phase === 'rotating' && (await this.#tables.list(signal)).includes(previousTable(this.#base))
        ? previousTable(this.#base)
        : currentTable(this.#base);
    const bounds = await this.#tables.bounds(table, signal);
    const knownEndsUs = await this.#knownEndsUs(state);
    const startUs = deriveEpochStart({ firstTsRecvUs: bounds?.firstTsRecvUs ?? null, knownEndsUs, boundaryUs: endUs });
    return { table: previousTable(this.#base), startUs, endUs, report };
  }

  async #knownEndsUs(state: RotationState): Promise<number[]> {
    const exported = await this.#tables.exportedEndsUs(this.#options.signal);
    return [...exported, ...state.pending.map(({ endUs }) => endUs)];
  }

  #unacknowledged(): CaptureError {
    const { symbol } = this.#options;
    return new CaptureError('ROTATION_UNACKNOWLEDGED', `the lane of ${symbol} did not acknowledge the boundary in time`, {
      context: { symbol },
    });
  }

  #read = (): Promise<RotationState> => readState(this.#options.directory, { base: this.#base, symbol: this.#options.symbol });
  #write = (state: RotationState): Promise<void> => writeState(this.#options.directory, this.#base, state);
  #crashPoint = (step: string): void => this.#options.crashPoint?.(step);
}
