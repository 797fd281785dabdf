import { setImmediate } from 'node:timers/promises';
import type { Engine } from './engine.ts';
import { exceptions } from './exceptions.ts';
import { fromByteString } from './lexer.ts';
import { tupleLiteral } from './literals.ts';
import { runningQueriesTable } from './processes.ts';
import type { RunningQuery } from './registry.ts';
import type { QueryRequest } from './request.ts';
import type { QueryResponse } from './response.ts';
import { FRESH, type SessionState } from './session-state.ts';
import type { Statement } from './statement.ts';

type KillStatement = Extract<Statement, { kind: 'kill' }>;

/**
 * Answers `KILL QUERY WHERE … SYNC | ASYNC | TEST` from the daemon's own registry.
 *
 * Guarantee of SYNC: when it answers, none of the requests that matched will change anything any more. And a request whose
 * first bytes had reached this machine before the KILL QUERY takes part: the condition is evaluated two turns of the event loop
 * after the KILL QUERY arrived, the first of which accepts new connections and the second of which reads their headers.
 */
export async function runKill(options: {
  readonly engine: Engine;
  readonly query: RunningQuery;
  readonly request: QueryRequest;
  readonly response: QueryResponse;
  readonly statement: KillStatement;
  readonly state: SessionState;
}): Promise<void> {
  const { engine, query, request, response, statement, state } = options;
  await setImmediate();
  await setImmediate();
  const matched = await findMatching(engine, query, { condition: fromByteString(statement.condition), state });
  if (statement.mode !== 'test') for (const each of matched) engine.registry.cancel(each);
  if (statement.mode === 'sync')
    await Promise.race([Promise.all(matched.map((each) => each.ended)), rejectOnAbort(query.signal)]);
  const status = { sync: 'finished', async: 'waiting', test: 'unknown_status' }[statement.mode];
  const rows = matched.map((each) => tupleLiteral([status, each.queryId, each.user, each.query]));
  const table = `values('kill_status String, query_id String, user String, query String', ${rows.join(', ') || "('', '', '', '')"})`;
  const format = statement.format ?? request.defaultFormat;
  if (!/^\w+$/.test(format)) throw exceptions.unknownFormat(format);
  const bytes = await ask(engine, {
    sql: `SELECT * FROM ${table} WHERE kill_status != ''`,
    format,
    state: FRESH,
    signal: query.signal,
  });
  const summary = {
    readRows: rows.length,
    readBytes: 0,
    writtenRows: 0,
    writtenBytes: 0,
    resultRows: rows.length,
    resultBytes: bytes.length,
    elapsedSeconds: 0,
  };
  response.start({ queryId: request.queryId, format, encoding: request.responseEncoding, summary, bytes: bytes.length });
  await response.write(bytes, query.signal);
  await response.end();
}

async function findMatching(
  engine: Engine,
  self: RunningQuery,
  where: { readonly condition: string; readonly state: SessionState },
): Promise<readonly RunningQuery[]> {
  const candidates = engine.registry.all().filter((each) => each !== self && !each.isKill);
  const table = runningQueriesTable(candidates, engine.clock.monotonic());
  const sql = `SELECT number FROM ${table} WHERE number > 0 AND (\n${where.condition}\n)`;
  const bytes = await ask(engine, { sql, format: 'TabSeparated', state: where.state, signal: self.signal });
  const numbers = new Set(Buffer.from(bytes).toString('utf8').split('\n').filter(Boolean).map(Number));
  return candidates.filter((each) => numbers.has(each.number));
}

async function ask(
  engine: Engine,
  question: { readonly sql: string; readonly format: string; readonly state: SessionState; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const lease = await engine.control.acquire(question.state, question.sql, question.signal);
  try {
    const result = await lease.run(question.sql, question.format);
    return result.bytes;
  } finally {
    lease.release();
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => reject(exceptions.cancelled());
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
