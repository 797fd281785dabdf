import { statementMarker } from './engine.ts';
import { ServerException, toServerException, withoutPath } from './exceptions.ts';
import { fromByteString } from './lexer.ts';
import { stringLiteral } from './literals.ts';
import type { Execution } from './execution.ts';
import type { Statement } from './statement.ts';
import { runStoppable } from './stop-statement.ts';

type InsertStatement = Extract<Statement, { kind: 'insert' }>;

/**
 * Runs an INSERT whose data is in the file at `path`.
 *
 * From a file and not inline, because chDB cuts inline data at an empty line. Up to a million rows or 256 MB are one block: all
 * of them are inserted or none, in the order of the file.
 */
export async function runInsert(
  execution: Execution,
  sql: string,
  data: { readonly statement: InsertStatement; readonly path: string },
): Promise<void> {
  const { engine, query, request, response, lease, signal } = execution;
  const { statement, path } = data;
  const head = fromByteString(sql.slice(0, statement.infileAt));
  const settings = fromByteString(sql.slice(statement.infileAt, statement.clauseAt));
  const infile = `FROM INFILE ${stringLiteral(path)} COMPRESSION 'none'`;
  const text = `${head} ${statementMarker(engine, query)} ${infile} ${settings} FORMAT ${statement.format}`;
  try {
    const result = await runStoppable(engine, query, { signal, start: () => lease.run(text, 'TabSeparated') });
    const { rows, rowBytes, elapsedSeconds } = result;
    const summary = {
      readRows: rows,
      readBytes: rowBytes,
      writtenRows: rows,
      writtenBytes: rowBytes,
      resultRows: rows,
      resultBytes: 0,
      elapsedSeconds,
    };
    const { queryId, defaultFormat, responseEncoding } = request;
    response.start({ queryId, format: defaultFormat, encoding: responseEncoding, summary, bytes: 0 });
    await response.end();
  } catch (error) {
    const exception = withoutPath(toServerException(error), path);
    const message = exception.message.replace(/ *\/\* mexc:[^*]* \*\/ FROM INFILE 'data' COMPRESSION 'none' */, ' ');
    throw new ServerException(exception.code, exception.type, message);
  }
}
