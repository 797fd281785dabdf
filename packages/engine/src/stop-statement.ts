import { statementMarker, type Engine } from './engine.ts';
import { toServerException } from './exceptions.ts';
import { stringLiteral } from './literals.ts';
import type { RunningQuery } from './registry.ts';
import { FRESH } from './session-state.ts';

/** Shared, as an abort without a reason makes a new exception with its stack for each statement. */
const ENDED = new Error('the statement has ended');
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 1000;

/**
 * Runs `statement`, and when `signal` aborts has chDB stop it. Resolves or rejects as the statement does, never before it has
 * ended: a statement that was told to stop may still have succeeded.
 */
export async function runStoppable<T>(
  engine: Engine,
  query: RunningQuery,
  options: { readonly signal: AbortSignal; readonly start: () => Promise<T> },
): Promise<T> {
  options.signal.throwIfAborted();
  const ended = new AbortController();
  const onAbort = (): void => {
    void stopStatement(engine, query, ended.signal);
  };
  options.signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await options.start();
  } finally {
    options.signal.removeEventListener('abort', onAbort);
    ended.abort(ENDED);
  }
}

/** Repeats until the statement has ended: chDB may not have begun it when it is told to stop. */
async function stopStatement(engine: Engine, query: RunningQuery, ended: AbortSignal): Promise<void> {
  const sql = `KILL QUERY WHERE position(query, ${stringLiteral(statementMarker(engine, query))}) > 0 ASYNC`;
  for (let waitMs = FIRST_WAIT_MS; !ended.aborted; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      const lease = await engine.control.acquire(FRESH, sql, ended);
      try {
        await lease.run(sql, 'TabSeparated');
      } finally {
        lease.release();
      }
      await engine.clock.sleep(waitMs, ended);
    } catch (error) {
      if (ended.aborted) return;
      engine.log({ event: 'engine.stop_statement_failed', queryId: query.queryId, error: toServerException(error).message });
      return;
    }
  }
}
