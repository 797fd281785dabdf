import type { CaptureError } from '@mexc-toolkit/core';
import { GroupCommit } from '../spool/group-commit.ts';
import type { Spool } from '../spool/spool.ts';
import type { LaneOptions } from './lane-options.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { SpoolGate } from './spool-gate.ts';
import type { Statistics } from './statistics.ts';
import type { SymbolStream } from './symbol-stream.ts';

export interface OpenCommitOptions {
  readonly lane: LaneOptions;
  readonly spool: Spool;
  readonly gate: SpoolGate;
  readonly memory: MemoryBudget;
  readonly statistics: Statistics;
  readonly streams: readonly SymbolStream[];
  /** Ends the session: the spool takes no rows. */
  readonly interrupt: (reason: string) => void;
  /** Holds the venue back: too many rows wait for the spool. */
  readonly setPaused: (paused: boolean) => void;
}

/** The group commit of a lane: hands durable blocks to the inserters, and closes the gate when the spool refuses. */
export function openCommit(options: OpenCommitOptions): GroupCommit {
  const { spool, gate, memory, statistics } = options;
  const { lane, clock, telemetry, random } = options.lane;
  const inserters = new Map<string, SymbolStream['inserter']>(options.streams.map(({ base, inserter }) => [base, inserter]));
  let blockedSinceMs = 0;
  const onBlocked = (error: CaptureError | undefined): void => {
    gate.setBlocked(error !== undefined);
    if (!error) {
      telemetry.event('spool.unblocked', { lane, blockedMs: clock.monotonic() - blockedSinceMs });
      return;
    }
    blockedSinceMs = clock.monotonic();
    statistics.noteError();
    telemetry.failure(error);
    telemetry.event('spool.blocked', { lane, reason: error.message });
    options.interrupt(`the spool cannot be written: ${error.message}`);
  };
  return new GroupCommit({
    spool,
    clock,
    intervalMs: options.lane.spool.commitIntervalMs,
    bytes: options.lane.spool.commitBytes,
    random,
    onDurable: (block) => {
      const inserter = inserters.get(block.location.base);
      if (!inserter) return;
      const queued = { location: block.location, payload: memory.keep(block, inserter.queue) };
      if (!inserter.queue.push(queued)) memory.release(queued);
      inserter.wake();
    },
    onBlocked,
    onPressure: (high) => {
      gate.setPressed(high);
      options.setPaused(high);
    },
  });
}
