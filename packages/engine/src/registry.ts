import { exceptions } from './exceptions.ts';

/** What is known of a request that has not ended. */
export interface RunningQuery {
  /** Unique in the life of the daemon. */
  readonly number: number;
  readonly queryId: string;
  readonly user: string;
  readonly database: string;
  readonly startedMs: number;
  /** Empty until it has been read. */
  query: string;
  /** A KILL QUERY is never killed by another, else two of them would wait for each other. */
  isKill: boolean;
  /** Aborts when the query is cancelled; the reason is the exception QUERY_WAS_CANCELLED. */
  readonly signal: AbortSignal;
  /** Resolves when nothing of the request runs any more, in the daemon or in chDB. */
  readonly ended: Promise<void>;
}

/**
 * The requests of this daemon from the arrival of their headers to their complete end.
 *
 * Exactly-once inserts rest on it: once a request is not in here, nothing of it will ever be executed.
 */
export class QueryRegistry {
  readonly #running = new Map<number, RunningQuery>();
  readonly #controllers = new Map<number, AbortController>();
  readonly #ends = new Map<number, () => void>();
  #last = 0;

  /** @throws ServerException when a request with the same id is running. */
  register(request: Pick<RunningQuery, 'queryId' | 'user' | 'database' | 'query' | 'startedMs'>): RunningQuery {
    for (const running of this.#running.values()) {
      if (running.queryId === request.queryId) throw exceptions.sameQueryId(request.queryId);
    }
    this.#last += 1;
    const number = this.#last;
    const controller = new AbortController();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const query: RunningQuery = { ...request, number, isKill: false, signal: controller.signal, ended };
    this.#running.set(number, query);
    this.#controllers.set(number, controller);
    this.#ends.set(number, resolve);
    return query;
  }

  /** Asks the request to end early. It stays registered until {@link end}. */
  cancel(query: RunningQuery): void {
    this.#controllers.get(query.number)?.abort(exceptions.cancelled());
  }

  /** The request has ended completely. */
  end(query: RunningQuery): void {
    this.#running.delete(query.number);
    this.#controllers.delete(query.number);
    this.#ends.get(query.number)?.();
    this.#ends.delete(query.number);
  }

  /** All requests that have not ended, oldest first. */
  all(): readonly RunningQuery[] {
    return [...this.#running.values()];
  }
}
