import type { Clock, Config, ContractSymbol, HomePaths, Store, Telemetry } from '@mexc-toolkit/core';
import type { LaneStatus } from './lane-status.ts';

/** What one lane needs. Everything outside the process is a parameter. */
export interface LaneOptions {
  readonly lane: string;
  readonly symbols: readonly ContractSymbol[];
  /** Text form of the route out. */
  readonly egress: string;
  readonly paths: HomePaths;
  readonly store: Store;
  readonly venue: Config['venue'];
  readonly subscriptions: Config['subscriptions'];
  readonly session: Config['session'];
  readonly spool: Config['spool'];
  readonly insert: Config['insert'];
  readonly rotation: Config['rotation'];
  readonly statisticsIntervalMs: number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly pid: number;
  readonly memory: () => number;
  readonly onStatistics: (status: LaneStatus) => void;
  /** Aborting drains the lane. */
  readonly signal: AbortSignal;
}
