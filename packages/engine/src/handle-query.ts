import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { authenticate, readCredentials, type Account, type User } from './auth.ts';
import type { Engine } from './engine.ts';
import { exceptions, toServerException } from './exceptions.ts';
import { spoolBody } from './insert-body.ts';
import { runKill } from './kill-query.ts';
import { fromByteString } from './lexer.ts';
import { parseMultipart } from './multipart.ts';
import type { RunningQuery } from './registry.ts';
import { addParameter, parseQueryRequest, readonlySettings, type QueryRequest } from './request.ts';
import { decodedBody, MAX_QUERY_BYTES, readQuery, type QueryText } from './request-body.ts';
import { QueryResponse } from './response.ts';
import { runInsert } from './run-insert.ts';
import { runPlain } from './run-plain.ts';
import { runRows } from './run-rows.ts';
import type { Execution } from './execution.ts';

/** One HTTP request for a query. */
export interface QueryExchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly search: URLSearchParams;
}

/**
 * Serves one query from its headers to its complete end.
 *
 * The request is registered before this returns for the first time, that is, when its headers have arrived and before any of
 * its body is read.
 */
export async function handleQuery(engine: Engine, accounts: readonly Account[], exchange: QueryExchange): Promise<void> {
  const { incoming, outgoing, search } = exchange;
  const response = new QueryResponse(outgoing, engine.identity);
  let query: RunningQuery | undefined;
  let queryId = search.get('query_id') ?? '';
  try {
    const claimed = readCredentials(incoming.headers, search);
    const user = authenticate(claimed, accounts);
    if (!user) throw exceptions.authenticationFailed(claimed.user);
    const request = restrict(user, parseQueryRequest({ method: incoming.method ?? 'GET', search, headers: incoming.headers }));
    ({ queryId } = request);
    const { database } = request;
    query = engine.registry.register({
      queryId,
      user: user.name,
      database,
      query: request.query,
      startedMs: engine.clock.monotonic(),
    });
    await serve(engine, { query, request, response, user, incoming, outgoing });
  } catch (error) {
    answerError(engine, error, { response, queryId });
  } finally {
    if (query) engine.registry.end(query);
  }
}

interface Served {
  readonly query: RunningQuery;
  readonly request: QueryRequest;
  readonly response: QueryResponse;
  readonly user: User;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

async function serve(engine: Engine, served: Served): Promise<void> {
  const { query, response, incoming } = served;
  const body = untilAborted(decodedBody(incoming, served.request.contentEncoding), query.signal);
  const { request, text } = await readRequest(served.request, body);
  query.query = fromByteString(text.sql).trim();
  const { statement, sql, data } = text;
  if (statement.kind === 'kill') {
    if (served.user.readonly) throw exceptions.readonlyQuery(served.user.name);
    query.isKill = true;
    await runKill({ engine, query, request, response, statement, state: request });
  } else if (statement.kind === 'insert' && data) {
    using file = await spoolBody(data, engine.paths.temporary, String(query.number));
    await withSession(engine, { ...served, request, sql }, (execution) =>
      runInsert(execution, sql, { statement, path: file.path }),
    );
  } else if (statement.kind === 'rows') {
    await withSession(engine, { ...served, request, sql, untilClosed: true }, (execution) => runRows(execution, sql, statement));
  } else if (statement.kind === 'plain') {
    await withSession(engine, { ...served, request, sql }, (execution) => runPlain(execution, sql, statement));
  }
}

/** Reads the text of the query, and from a form also parameters and settings. */
async function readRequest(
  request: QueryRequest,
  body: AsyncIterable<Buffer>,
): Promise<{ request: QueryRequest; text: QueryText }> {
  if (request.multipartBoundary === undefined) return { request, text: await readQuery(request.query, body) };
  let form = '';
  for await (const chunk of body) {
    form += chunk.toString('latin1');
    if (form.length > MAX_QUERY_BYTES) throw exceptions.queryTooLarge(MAX_QUERY_BYTES);
  }
  const settings = new Map(request.settings);
  const parameters = new Map(request.parameters);
  const fields = parseMultipart(form, request.multipartBoundary);
  for (const [name, value] of fields) addParameter(name, value, { settings, parameters });
  const text = await readQuery(request.query || (fields.get('query') ?? ''), nothing());
  return { request: { ...request, settings, parameters }, text };
}

async function withSession(
  engine: Engine,
  served: Served & { readonly sql: string; readonly untilClosed?: boolean },
  run: (execution: Execution) => Promise<void>,
): Promise<void> {
  const { query, request, response, outgoing, sql } = served;
  const gone = new AbortController();
  const onClose = (): void => gone.abort(exceptions.cancelled());
  if (served.untilClosed === true) outgoing.once('close', onClose);
  const signal = AbortSignal.any([query.signal, gone.signal]);
  try {
    const lease = await engine.sessions.acquire(request, sql, signal);
    try {
      await run({ engine, query, request, response, lease, signal });
    } finally {
      lease.release();
    }
  } finally {
    outgoing.off('close', onClose);
  }
}

/** A reader loses its settings: its queries run with `readonly = 1` and nothing else. */
function restrict(user: User, request: QueryRequest): QueryRequest {
  return user.readonly ? { ...request, settings: readonlySettings(request.settings) } : request;
}

function answerError(
  engine: Engine,
  error: unknown,
  answer: { readonly response: QueryResponse; readonly queryId: string },
): void {
  const { response, queryId } = answer;
  // A client that is gone needs no answer, and what it broke off is no error of the daemon.
  if (response.closed) return;
  const exception = toServerException(isZlibError(error) ? exceptions.badBody(error.message) : error);
  if (exception.code === 49) engine.log({ event: 'engine.failed', queryId, error: exception.message });
  response.fail(exception, queryId);
}

/** The chunks of `source`, until `signal` aborts: then the next one throws its reason. */
async function* untilAborted(source: Readable, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => {});
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  const chunks: AsyncIterator<unknown> = source[Symbol.asyncIterator]();
  for (;;) {
    const next = chunks.next();
    next.catch(() => {});
    const { done, value } = await Promise.race([next, aborted]);
    if (done === true) return;
    if (Buffer.isBuffer(value)) yield value;
  }
}

async function* nothing(): AsyncGenerator<Buffer, void, undefined> {
  // A form has no data behind its text.
}

const isZlibError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
