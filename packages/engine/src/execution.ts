import type { Engine } from './engine.ts';
import type { RunningQuery } from './registry.ts';
import type { QueryRequest } from './request.ts';
import type { QueryResponse } from './response.ts';
import type { Lease } from './sessions.ts';

/** One request on its session. */
export interface Execution {
  readonly engine: Engine;
  readonly query: RunningQuery;
  readonly request: QueryRequest;
  readonly response: QueryResponse;
  readonly lease: Lease;
  /** Aborts when the query is cancelled or when nobody waits for its result. */
  readonly signal: AbortSignal;
}
