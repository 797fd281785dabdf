/**
 * An exception of ClickHouse, as it travels over HTTP: number, name, text. It never leaves this package; clients see
 * {@link formatException}.
 */
export class ServerException extends Error {
  override readonly name = 'ServerException';
  readonly code: number;
  readonly type: string;

  constructor(code: number, type: string, text: string) {
    super(text);
    this.code = code;
    this.type = type;
  }
}

/** The text that ClickHouse sends as the body of a failed request, with its final newline. */
export function formatException(error: ServerException, version: string): string {
  return `Code: ${error.code}. DB::Exception: ${error.message}. (${error.type}) (version ${version} (official build))\n`;
}

const WRAPPED = /^Code: \d+\. DB::Exception: (Code: \d+\. DB::Exception: [\s\S]*) \(version [^()]*\)\. \([A-Z0-9_]+\)$/;
const EXCEPTION = /^Code: (\d+)\. DB::Exception: ([\s\S]*?)\.? \(([A-Z][A-Z0-9_]+)\)$/;

/**
 * Translates what chDB throws. chDB repeats `Code: … DB::Exception:` once for each layer that an exception passed through;
 * a server does not, so the layers are taken off. What is not in ClickHouse's form becomes `LOGICAL_ERROR`.
 */
export function toServerException(error: unknown): ServerException {
  if (error instanceof ServerException) return error;
  let text = (error instanceof Error ? error.message : String(error)).trim();
  for (let match = WRAPPED.exec(text); match?.[1] !== undefined; match = WRAPPED.exec(text)) text = match[1];
  const match = EXCEPTION.exec(text);
  if (match?.[1] !== undefined && match[2] !== undefined && match[3] !== undefined) {
    return new ServerException(Number(match[1]), match[3], match[2]);
  }
  return new ServerException(49, 'LOGICAL_ERROR', text);
}

/** The same exception without a private path of the engine, which says nothing to a client. */
export function withoutPath(error: ServerException, path: string): ServerException {
  const text = error.message
    .replaceAll(`(in file/uri ${path}): `, '')
    .replaceAll(': While executing File: data for INSERT was parsed from file', '')
    .replaceAll(path, 'data');
  return new ServerException(error.code, error.type, text);
}

const STATUS_OF_CODE: ReadonlyMap<number, number> = new Map([
  [194, 401],
  ...[192, 193, 497, 512, 516].map((code) => [code, 403] as const),
  ...[6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376, 427, 441, 675, 676].map(
    (code) => [code, 400] as const,
  ),
  ...[46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511].map((code) => [code, 404] as const),
  [229, 413],
  [48, 501],
  ...[76, 209, 439].map((code) => [code, 503] as const),
  [381, 411],
  [159, 408],
  [779, 415],
]);

/** The HTTP status that ClickHouse gives an exception; 500 unless the code says that the request was at fault. */
export function httpStatus(code: number): number {
  return STATUS_OF_CODE.get(code) ?? 500;
}

/** Exceptions that the daemon itself raises, with the words of ClickHouse. */
export const exceptions = {
  authenticationFailed: (user: string): ServerException =>
    new ServerException(
      516,
      'AUTHENTICATION_FAILED',
      `${user}: Authentication failed: password is incorrect, or there is no user with such name`,
    ),
  cancelled: (): ServerException => new ServerException(394, 'QUERY_WAS_CANCELLED', 'Query was cancelled'),
  sameQueryId: (queryId: string): ServerException =>
    new ServerException(216, 'QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING', `Query with id = ${queryId} is already running`),
  multiStatement: (position: number): ServerException =>
    new ServerException(
      62,
      'SYNTAX_ERROR',
      `Syntax error (Multi-statements are not allowed): failed at position ${position} (end of query)`,
    ),
  emptyQuery: (): ServerException =>
    new ServerException(62, 'SYNTAX_ERROR', 'Syntax error: failed at position 1 (end of query): Empty query'),
  queryTooLarge: (limit: number): ServerException =>
    new ServerException(62, 'SYNTAX_ERROR', `Syntax error: Max query size exceeded: the text of a query may have ${limit} bytes`),
  intoOutfile: (): ServerException => new ServerException(358, 'INTO_OUTFILE_NOT_ALLOWED', 'INTO OUTFILE is not allowed'),
  fromInfile: (): ServerException =>
    new ServerException(78, 'UNKNOWN_TYPE_OF_QUERY', 'Query has infile and was send directly to server'),
  unknownFormat: (format: string): ServerException => new ServerException(73, 'UNKNOWN_FORMAT', `Unknown format ${format}`),
  unknownSetting: (name: string): ServerException => new ServerException(115, 'UNKNOWN_SETTING', `Unknown setting '${name}'`),
  unknownRole: (role: string): ServerException => new ServerException(511, 'UNKNOWN_ROLE', `There is no role \`${role}\``),
  readonly: (setting: string): ServerException =>
    new ServerException(164, 'READONLY', `Cannot modify '${setting}' setting in readonly mode`),
  readonlyQuery: (user: string): ServerException =>
    new ServerException(164, 'READONLY', `${user}: Cannot execute query in readonly mode`),
  notImplemented: (what: string): ServerException =>
    new ServerException(48, 'NOT_IMPLEMENTED', `${what} is not supported by the embedded engine`),
  unknownCompression: (encoding: string): ServerException =>
    new ServerException(89, 'UNKNOWN_COMPRESSION_METHOD', `Unknown compression method ${encoding}`),
  badBody: (reason: string): ServerException =>
    new ServerException(354, 'ZLIB_INFLATE_FAILED', `Cannot decompress the request body: ${reason}`),
  stopping: (): ServerException => new ServerException(236, 'ABORTED', 'The engine is stopping'),
} as const;
