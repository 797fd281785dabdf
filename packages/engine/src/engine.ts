import type { Clock } from '@mexc-toolkit/core';
import type { EnginePaths } from './paths.ts';
import type { QueryRegistry, RunningQuery } from './registry.ts';
import type { ServerIdentity } from './response.ts';
import type { SessionPool } from './sessions.ts';

/** A line of the daemon's log: an event name and scalars, never a secret. */
export type EngineLog = (entry: Readonly<Record<string, string | number | boolean>> & { readonly event: string }) => void;

/** The parts of a running daemon that serve its requests. */
export interface Engine {
  readonly pid: number;
  readonly paths: EnginePaths;
  readonly identity: ServerIdentity;
  readonly registry: QueryRegistry;
  /** Runs the statements of clients. */
  readonly sessions: SessionPool;
  /** One session that no client's statement can occupy: it kills and lists the others. */
  readonly control: SessionPool;
  readonly clock: Clock;
  readonly log: EngineLog;
  /** Random for each start: marks this daemon's statements in chDB's own list of processes. */
  readonly nonce: string;
}

/** A comment by which {@link stopStatement} finds the statement of a request among those that chDB runs. */
export function statementMarker(engine: Engine, query: RunningQuery): string {
  return `/* mexc:${engine.nonce}:${query.number} */`;
}
