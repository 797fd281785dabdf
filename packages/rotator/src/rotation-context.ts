import { randomUUID } from 'node:crypto';
import {
  CaptureError,
  toBase,
  type Base,
  type Clock,
  type ContractSymbol,
  type PendingEpoch,
  type RotationReport,
  type RotationState,
  type Store,
  type Telemetry,
} from '@mexc-toolkit/core';
import { readState, writeState } from './rotation-files.ts';
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

/** What every step of one rotation works with. */
export interface RotationContext extends RotateOptions {
  readonly base: Base;
  readonly tables: RotationTables;
  readonly read: () => Promise<RotationState>;
  /** Durable once it resolves. */
  readonly write: (state: RotationState) => Promise<void>;
  readonly crash: (step: string) => void;
  readonly unacknowledged: () => CaptureError;
}

export function openRotationContext(options: RotateOptions): RotationContext {
  const { symbol, directory } = options;
  const base = toBase(symbol);
  return {
    ...options,
    base,
    tables: openRotationTables(options.store, symbol, { base, incarnation: randomUUID() }),
    read: () => readState(directory, { base, symbol }),
    write: (state) => writeState(directory, base, state),
    crash: (step) => options.crashPoint?.(step),
    unacknowledged: () =>
      new CaptureError('ROTATION_UNACKNOWLEDGED', `the lane of ${symbol} did not acknowledge the boundary in time`, {
        context: { symbol },
      }),
  };
}
