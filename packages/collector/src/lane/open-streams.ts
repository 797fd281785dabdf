import { currentTable, toBase } from '@mexc-toolkit/core';
import type { GapJournal } from '../gaps/gap-journal.ts';
import { BaseInserter } from '../insert/base-inserter.ts';
import { queueRecovered, type QueuedBlock } from '../insert/insert-queue.ts';
import type { LaneOptions } from './lane-options.ts';
import { prepareTables, type Recovery } from './recover.ts';
import { openSlots } from './slots.ts';
import type { Statistics } from './statistics.ts';
import { toSymbolStream, type SymbolStream } from './symbol-stream.ts';

export interface OpenStreamsOptions {
  readonly lane: LaneOptions;
  readonly recovery: Recovery;
  readonly incarnation: string;
  readonly gaps: GapJournal;
  readonly statistics: Statistics;
  readonly onReleased: (block: QueuedBlock) => void;
}

/** One stream per symbol, with what the tables lack queued already. */
export function openStreams(options: OpenStreamsOptions): SymbolStream[] {
  const { lane, gaps, statistics } = options;
  const withSlot = openSlots(lane.insert.parallel);
  return options.recovery.starts.map((start) => {
    const { symbol } = start;
    const base = toBase(symbol);
    const inserter = new BaseInserter({
      store: lane.store,
      base,
      table: currentTable(base),
      clock: lane.clock,
      telemetry: lane.telemetry,
      random: lane.random,
      maxBytes: lane.insert.maxBytes,
      retry: { minMs: lane.insert.retryMinMs, maxMs: lane.insert.retryMaxMs },
      incarnation: options.incarnation,
      withSlot,
      prepareTables: (signal) => prepareTables(lane.store, [symbol], signal),
      insertedSeq: start.insertedSeq,
      onInserted: ({ latencyMs }) => statistics.noteInsert(latencyMs),
      onLost: (lost, reason) => {
        const detail = `rows ${lost.firstSeq}..${lost.firstSeq + lost.rows - 1}: ${reason}`;
        gaps.note(symbol, { kind: 'quarantine', startedUs: lost.tsRecvUs, endedUs: lost.tsRecvUs, detail });
      },
      onReleased: options.onReleased,
    });
    queueRecovered(inserter.queue, start.pending);
    lane.telemetry.event('lane.recovered', { lane: lane.lane, base, nextSeq: start.nextSeq, insertedRows: inserter.queue.rows });
    return toSymbolStream(symbol, inserter, start);
  });
}
