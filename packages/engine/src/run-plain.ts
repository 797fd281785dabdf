import { statementMarker } from './engine.ts';
import { fromByteString } from './lexer.ts';
import type { Execution } from './execution.ts';
import type { Statement } from './statement.ts';
import { runStoppable } from './stop-statement.ts';

type PlainStatement = Extract<Statement, { kind: 'plain' }>;

/** Runs any other statement as it is. What it answers, if anything, is small: it is held in memory. */
export async function runPlain(execution: Execution, sql: string, statement: PlainStatement): Promise<void> {
  const { engine, query, request, response, lease, signal } = execution;
  const format = statement.format ?? request.defaultFormat;
  const text = `${fromByteString(sql.slice(0, statement.end))}\n${statementMarker(engine, query)}`;
  if (statement.stateful) lease.spoil();
  const result = await runStoppable(engine, query, { signal, start: () => lease.run(text, format) });
  const summary = {
    readRows: result.rows,
    readBytes: result.rowBytes,
    writtenRows: 0,
    writtenBytes: 0,
    resultRows: result.rows,
    resultBytes: result.bytes.length,
    elapsedSeconds: result.elapsedSeconds,
  };
  const { queryId, responseEncoding } = request;
  response.start({ queryId, format, encoding: responseEncoding, summary, bytes: result.bytes.length });
  if (result.bytes.length > 0) await response.write(result.bytes, signal);
  await response.end();
}
