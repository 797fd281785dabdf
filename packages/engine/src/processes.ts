import type { Engine } from './engine.ts';
import { tupleLiteral } from './literals.ts';
import type { RunningQuery } from './registry.ts';

/** The columns of {@link runningQueriesTable}. */
export const RUNNING_COLUMNS = [
  'number UInt64',
  'query_id String',
  'initial_query_id String',
  'user String',
  'initial_user String',
  'query String',
  'elapsed Float64',
  'current_database String',
  'query_kind String',
  'is_cancelled UInt8',
  'is_initial_query UInt8',
] as const;

/** `values(…)` with a row for each of `queries`; one row of zeros and empty texts when there are none. */
export function runningQueriesTable(queries: readonly RunningQuery[], nowMs: number): string {
  const rows = queries.map((query) =>
    tupleLiteral([
      query.number,
      query.queryId,
      query.queryId,
      query.user,
      query.user,
      query.query,
      Math.max(0, (nowMs - query.startedMs) / 1000),
      query.database,
      queryKind(query.query),
      query.signal.aborted ? 1 : 0,
      1,
    ]),
  );
  const nothing = tupleLiteral([0, '', '', '', '', '', 0, '', '', 0, 0]);
  return `values('${RUNNING_COLUMNS.join(', ')}', ${rows.length > 0 ? rows.join(', ') : nothing})`;
}

/**
 * What stands for `system.processes`: the requests of this daemon with their own ids and users, and the figures of chDB for
 * those whose statement has begun. chDB itself would show ids of its own making, and statements as the daemon rewrote them.
 * ANY: while a statement is being killed chDB may list two that hold its mark; a request is one row all the same.
 */
export function processesSubquery(engine: Engine): string {
  const table = runningQueriesTable(engine.registry.all(), engine.clock.monotonic());
  const replaced = RUNNING_COLUMNS.map((column) => column.split(' ')[0] ?? '').filter((name) => name !== 'number');
  const columns = replaced.map((name) => `running.${name} AS ${name}`).join(', ');
  return `(SELECT ${columns}, figures.* EXCEPT (number, ${replaced.join(', ')}) FROM ${table} AS running LEFT ANY JOIN (
    SELECT *, toUInt64OrZero(extract(query, '/\\\\* mexc:${engine.nonce}:(\\\\d+) \\\\*/')) AS number FROM system.processes
  ) AS figures ON running.number = figures.number WHERE running.number > 0)`;
}

function queryKind(query: string): string {
  const word = /^\s*(\w+)/.exec(query)?.[1] ?? '';
  const kind = word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
  return kind === 'With' || kind === 'From' ? 'Select' : kind;
}
