import { randomUUID } from 'node:crypto';
import {
  currentTable,
  openLock,
  readWatermark,
  toBase,
  tryLock,
  type Clock,
  type Config,
  type ContractSymbol,
  type HomePaths,
  type Store,
  type Telemetry,
} from '@mexc-toolkit/core';
import { GapJournal } from '../gaps/gap-journal.ts';
import { BaseInserter } from '../insert/base-inserter.ts';
import { queueRecovered } from '../insert/insert-queue.ts';
import { prepareTables, recover } from './recover.ts';

export interface DrainSpoolOptions {
  readonly symbol: ContractSymbol;
  readonly paths: HomePaths;
  readonly store: Store;
  readonly insert: Config['insert'];
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly random: () => number;
  readonly pid: number;
  readonly signal: AbortSignal;
}

/** A symbol whose lane is proven not to run, and cannot start until this is disposed. Every spooled row before the boundary is in the tables. */
export interface StoppedSymbol extends Disposable {
  /** Rows at or after the boundary are in current already. */
  readonly isLate: boolean;
}

/**
 * Takes the place of a lane that does not run: inserts what it left in the spool before `boundaryUs`. Undefined while the
 * lane lives. For a rotation without a lane (docs/architecture.md#rotation); later rows stay in the spool for the lane's next
 * start.
 */
export async function drainStoppedSymbol(boundaryUs: number, options: DrainSpoolOptions): Promise<StoppedSymbol | undefined> {
  const { symbol, paths, store, clock, telemetry, random, signal } = options;
  const base = toBase(symbol);
  const lock = tryLock(paths.symbolLock(base), { pid: options.pid, what: `rotator of ${base}` });
  if (!lock) return undefined;
  using held = new DisposableStack();
  held.use(lock);
  const recovery = await recover({ store, spools: paths.spools, directory: '', symbols: [symbol], telemetry, signal });
  const start = recovery.starts[0];
  if (!start) return undefined;
  const { lastTsRecvUs } = await readWatermark(store, currentTable(base), signal);
  const straddles = start.pending.some((block) => block.firstTsRecvUs < boundaryUs && block.lastTsRecvUs >= boundaryUs);
  if (lastTsRecvUs >= boundaryUs || straddles) {
    const kept = held.move();
    return { isLate: true, [Symbol.dispose]: () => kept.dispose() };
  }
  const directory = paths.spool(`stopped-${base}`);
  held.use(openLock(`${directory}.lock`, { pid: options.pid, what: `rotator of ${base}` }));
  const gaps = await GapJournal.open({ directory, store, clock, telemetry, random });
  const ending = new AbortController();
  const inserter = new BaseInserter({
    store,
    base,
    table: currentTable(base),
    clock,
    telemetry,
    random,
    maxBytes: options.insert.maxBytes,
    retry: { minMs: options.insert.retryMinMs, maxMs: options.insert.retryMaxMs },
    incarnation: randomUUID(),
    withSlot: (work) => work(),
    prepareTables: (until) => prepareTables(store, [symbol], until),
    insertedSeq: start.insertedSeq,
    onInserted: () => {},
    onLost: (lost, reason) =>
      gaps.note(symbol, {
        kind: 'quarantine',
        startedUs: lost.tsRecvUs,
        endedUs: lost.tsRecvUs,
        detail: `${lost.rows} rows from ${lost.firstSeq}: ${reason}`,
      }),
    onReleased: () => {},
  });
  const pending = start.pending.filter((block) => block.lastTsRecvUs < boundaryUs);
  const lastSeq = Math.max(start.insertedSeq, ...pending.map((block) => block.firstSeq + block.rows - 1));
  inserter.queue.holdFromUs = boundaryUs; // a long backlog is read on from the spool, where later rows lie too
  queueRecovered(inserter.queue, pending);
  const running = inserter.run(AbortSignal.any([signal, ending.signal]));
  try {
    while (inserter.insertedSeq < lastSeq) {
      await Promise.race([running, clock.sleep(10, signal)]);
      signal.throwIfAborted();
    }
    await gaps.flush(signal);
  } finally {
    ending.abort();
    await running;
    await gaps[Symbol.asyncDispose]();
  }
  const kept = held.move();
  return { isLate: false, [Symbol.dispose]: () => kept.dispose() };
}
