import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { statementMarker, type Engine } from './engine.ts';
import { exceptions, toServerException, withoutPath } from './exceptions.ts';
import { fromByteString } from './lexer.ts';
import { stringLiteral } from './literals.ts';
import { processesSubquery } from './processes.ts';
import type { Execution } from './execution.ts';
import type { Summary } from './response.ts';
import { openResultPipe } from './result-pipe.ts';
import type { StatementResult } from './sessions.ts';
import type { Statement } from './statement.ts';
import { runPlain } from './run-plain.ts';
import { runStoppable } from './stop-statement.ts';

type RowsStatement = Extract<Statement, { kind: 'rows' }>;

/** What is held of a result before the status is sent; ClickHouse's own buffer is as large. Up to here an error has its status. */
const HELD_BYTES = 1024 * 1024;

/** Runs a statement that gives rows and streams them to the client. */
export async function runRows(execution: Execution, sql: string, statement: RowsStatement): Promise<void> {
  const format = statement.format ?? execution.request.defaultFormat;
  if (!/^\w+$/.test(format)) throw exceptions.unknownFormat(format);
  const run = execution.request.waitEnd ? runToFile : runToPipe;
  try {
    await run(execution, { sql, statement, format });
  } catch (error) {
    if (execution.response.started || toServerException(error).code !== SYNTAX_ERROR) throw error;
    // Wrong as it was sent, or only with INTO OUTFILE in it? As it was sent, it gives its own message or its rows.
    await runPlain(execution, sql, { kind: 'plain', format: statement.format, end: statement.end, stateful: false });
  }
}

const SYNTAX_ERROR = 62;

interface Rows {
  readonly sql: string;
  readonly statement: RowsStatement;
  readonly format: string;
}

async function runToPipe(execution: Execution, rows: Rows): Promise<void> {
  const { response, request, lease, signal } = execution;
  const head = { queryId: request.queryId, format: rows.format, encoding: request.responseEncoding };
  using pipe = openResultPipe(lease.pipe);
  const running = startStatement(execution, rows, lease.pipe).finally(() => pipe.finish());
  // Awaited below, after the pipe is read; until then a failure must not count as unhandled.
  running.catch(() => {});
  const held: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of pipe.chunks) {
    if (response.closed || signal.aborted) continue;
    bytes += chunk.length;
    if (response.started) {
      await response.write(chunk, signal);
      continue;
    }
    held.push(chunk);
    if (bytes < HELD_BYTES) continue;
    response.start({ ...head, summary: NO_FIGURES });
    for (const each of held.splice(0)) await response.write(each, signal);
  }
  const result = await running;
  if (!response.started) {
    response.start({ ...head, summary: rowsSummary(result, bytes), bytes });
    for (const each of held) await response.write(each, signal);
  }
  await response.end();
}

/** The whole result goes to a file first: its size is not bounded, the memory is. */
async function runToFile(execution: Execution, rows: Rows): Promise<void> {
  const { engine, query, response, request, signal } = execution;
  const path = join(engine.paths.temporary, `${query.number}.result`);
  const result = await startStatement(execution, rows, path).catch(async (error: unknown) => {
    await rm(path, { force: true });
    throw error;
  });
  // chDB may replace the file rather than write into one that is there, so it is opened only now.
  await using file = await openResult(path);
  const bytes = (await file?.stat())?.size ?? 0;
  const { queryId, responseEncoding: encoding } = request;
  response.start({ queryId, format: rows.format, encoding, summary: rowsSummary(result, bytes), bytes });
  if (file) {
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      if (Buffer.isBuffer(chunk)) await response.write(chunk, signal);
    }
  }
  await response.end();
}

/** The file of a result, without its name: whatever happens, nothing stays behind. A result without bytes makes no file. */
async function openResult(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  } finally {
    await rm(path, { force: true });
  }
}

async function startStatement(execution: Execution, rows: Rows, path: string): Promise<StatementResult> {
  const { engine, query, lease, signal } = execution;
  const sql = outfileSql(engine, rows, `INTO OUTFILE ${stringLiteral(path)} TRUNCATE`);
  try {
    return await runStoppable(engine, query, {
      signal,
      start: () => lease.run(`${sql}\n${statementMarker(engine, query)}`, rows.format),
    });
  } catch (error) {
    throw withoutPath(toServerException(error), path);
  }
}

function outfileSql(engine: Engine, rows: Rows, clause: string): string {
  const { sql, statement, format } = rows;
  const formatClause = statement.format === undefined ? ` FORMAT ${format}` : '';
  let head = '';
  let at = 0;
  for (const { start, end } of statement.processes) {
    head += fromByteString(sql.slice(at, start)) + processesSubquery(engine);
    at = end;
  }
  head += fromByteString(sql.slice(at, statement.outfileAt));
  return `${head} ${clause}${formatClause} ${fromByteString(sql.slice(statement.outfileAt, statement.end))}`;
}

function rowsSummary(result: StatementResult, resultBytes: number): Summary {
  const { rows, rowBytes, elapsedSeconds } = result;
  return { readRows: rows, readBytes: rowBytes, writtenRows: 0, writtenBytes: 0, resultRows: rows, resultBytes, elapsedSeconds };
}

/** When the status goes out before the query has ended. */
const NO_FIGURES: Summary = {
  readRows: 0,
  readBytes: 0,
  writtenRows: 0,
  writtenBytes: 0,
  resultRows: 0,
  resultBytes: 0,
  elapsedSeconds: 0,
};
