import { Session } from 'chdb';
import { toServerException, type ServerException } from './exceptions.ts';
import { FRESH, isPrepared, stateAfter, transition, type SessionState } from './session-state.ts';

/** What a statement gave. */
export interface StatementResult {
  readonly bytes: Uint8Array;
  /** Rows of the result and their bytes in memory; for an INSERT with data, those written. */
  readonly rows: number;
  readonly rowBytes: number;
  readonly elapsedSeconds: number;
}

/** A session of one request, until it is released. */
export interface Lease {
  /** A named pipe that only the holder of this lease uses. */
  readonly pipe: string;
  /** Runs one statement to its end: chDB cannot let go of one earlier. @throws ServerException */
  run(sql: string, format: string): Promise<StatementResult>;
  /** Says that the statement left something behind in the session: it will not serve another request. */
  spoil(): void;
  release(): void;
}

/** What is needed to open sessions. */
export interface SessionPoolOptions {
  readonly dataPath: string;
  /** One session for each pipe. */
  readonly pipes: readonly string[];
}

interface Slot {
  readonly pipe: string;
  session: Session | undefined;
  state: SessionState;
  busy: boolean;
  /** Number of the lease that used it last, to find the one idle for longest. */
  usedAt: number;
}

/**
 * Queries on one session run one by one, those on different sessions in parallel: the number of sessions bounds what runs at
 * once. Requests wait their turn in order of arrival.
 */
export class SessionPool implements Disposable {
  readonly #slots: Slot[];
  readonly #dataPath: string;
  readonly #waiting: ((slot: Slot) => void)[] = [];
  #leases = 0;

  constructor(options: SessionPoolOptions) {
    this.#dataPath = options.dataPath;
    this.#slots = options.pipes.map((pipe) => ({ pipe, session: undefined, state: FRESH, busy: false, usedAt: 0 }));
  }

  /**
   * A session in which `sql` sees exactly `state`. The caller releases it.
   *
   * @throws ServerException when the state cannot be had: unknown database or setting. Throws the reason of `signal` when it
   *   aborts first.
   */
  async acquire(state: SessionState, sql: string, signal: AbortSignal): Promise<Lease> {
    signal.throwIfAborted();
    const slot = this.#idleSlot(state, sql) ?? (await this.#wait(signal));
    try {
      await this.#prepare(slot, state, sql);
      signal.throwIfAborted();
    } catch (error) {
      this.#free(slot);
      throw error;
    }
    this.#leases += 1;
    slot.usedAt = this.#leases;
    return this.#lease(slot);
  }

  #idleSlot(state: SessionState, sql: string): Slot | undefined {
    if (this.#waiting.length > 0) return undefined;
    const idle = this.#slots.filter((each) => !each.busy).toSorted((a, b) => a.usedAt - b.usedAt);
    const slot = idle.find((each) => each.session && isPrepared(each.state, state, sql)) ?? idle[0];
    if (slot) slot.busy = true;
    return slot;
  }

  #wait(signal: AbortSignal): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const onSlot = (slot: Slot): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(slot);
      };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(onSlot), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(onSlot);
    });
  }

  async #prepare(slot: Slot, state: SessionState, sql: string): Promise<void> {
    const { reset, statements } = transition(slot.state, state, sql);
    if (reset) this.#discard(slot);
    const before = slot.state;
    slot.session ??= new Session(this.#dataPath, { connectionArgs: [...CONNECTION_ARGUMENTS] });
    for (const statement of statements) {
      try {
        await slot.session.queryAsync(statement, { format: 'TabSeparated' });
      } catch (error) {
        this.#discard(slot);
        throw toServerException(error);
      }
    }
    slot.state = stateAfter(before, state, reset);
  }

  #lease(slot: Slot): Lease {
    let released = false;
    let spoiled = false;
    return {
      pipe: slot.pipe,
      run: (sql, format) => runStatement(slot.session, sql, format),
      spoil: () => {
        spoiled = true;
      },
      release: () => {
        if (released) return;
        released = true;
        if (spoiled) this.#discard(slot);
        this.#free(slot);
      },
    };
  }

  #discard(slot: Slot): void {
    slot.session?.close();
    slot.session = undefined;
    slot.state = FRESH;
  }

  #free(slot: Slot): void {
    const next = this.#waiting.shift();
    if (next) next(slot);
    else slot.busy = false;
  }

  /** Closes every session; one that still runs a statement is closed by chDB when the statement has ended. */
  [Symbol.dispose](): void {
    for (const slot of this.#slots) this.#discard(slot);
  }
}

/** Where `clickhouse local` differs from a server: a bare `1+1` is no query, and addresses in memory are nobody's business. */
const CONNECTION_ARGUMENTS = ['--implicit_select=0', '--allow_introspection_functions=0'] as const;

async function runStatement(session: Session | undefined, sql: string, format: string): Promise<StatementResult> {
  if (!session) throw new Error('the session was closed under its holder');
  try {
    const result = await session.queryAsync(sql, { format });
    return { bytes: result.bytes(), rows: result.rowsRead, rowBytes: result.bytesRead, elapsedSeconds: result.elapsed };
  } catch (error) {
    const exception: ServerException = toServerException(error);
    throw exception;
  }
}
