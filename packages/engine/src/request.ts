import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { exceptions } from './exceptions.ts';

/** A query request as its line and headers say it, before the body is read. */
export interface QueryRequest {
  readonly queryId: string;
  /** The parameter `query`; the body is appended to it. */
  readonly query: string;
  readonly database: string;
  readonly defaultFormat: string;
  /** Settings for ClickHouse. */
  readonly settings: ReadonlyMap<string, string>;
  /** Values for `{name:Type}`, in ClickHouse's escaped text form. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Answer only when the whole result is known, so that an error always has its own status. */
  readonly waitEnd: boolean;
  /** The encoding of the response body. */
  readonly responseEncoding: ResponseEncoding;
  /** The encoding of the request body. */
  readonly contentEncoding: string;
  readonly multipartBoundary: string | undefined;
}

/** How a response body is compressed. */
export type ResponseEncoding = 'identity' | 'gzip' | 'deflate' | 'br' | 'zstd';

/** What {@link parseQueryRequest} reads. */
export interface RequestLine {
  readonly method: string;
  readonly search: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** Parameters that mean something to the HTTP interface and nothing to a query. */
const NOT_SETTINGS = new Set([
  'query', 'database', 'default_format', 'query_id', 'user', 'password', 'quota_key', 'stacktrace', 'role', 'compress', 'decompress',
  'session_id', 'session_timeout', 'session_check', 'close_session', 'wait_end_of_query', 'buffer_size', 'client_protocol_version',
  'enable_http_compression', 'http_zlib_compression_level', 'http_wait_end_of_query', 'http_response_buffer_size',
  'http_write_exception_in_output_format', 'http_native_compression_disable_checksumming_on_decompress',
  'send_progress_in_http_headers', 'http_headers_progress_interval_ms', 'cancel_http_readonly_queries_on_client_close',
]); // prettier-ignore

/**
 * Reads the parameters and headers of a query request.
 *
 * `session_id` is accepted and ignored: every request stands alone. Every parameter that the HTTP interface does not know is
 * a setting of the query, as in ClickHouse.
 *
 * @throws ServerException for what the engine cannot do: native compression, roles.
 */
export function parseQueryRequest({ method, search, headers }: RequestLine): QueryRequest {
  for (const name of ['compress', 'decompress']) {
    if (isOn(search.get(name))) throw exceptions.notImplemented(`The parameter ${name}`);
  }
  const role = search.get('role');
  if (role !== null) throw exceptions.unknownRole(role);
  const settings = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [name, value] of search) addParameter(name, value, { settings, parameters });
  // A GET must not change anything, as in ClickHouse.
  if (method === 'GET' && !isOn(settings.get('readonly') ?? null)) settings.set('readonly', '2');
  return {
    queryId: search.get('query_id') || header(headers, 'x-clickhouse-query-id') || randomUUID(),
    query: search.get('query') ?? '',
    database: search.get('database') || header(headers, 'x-clickhouse-database') || 'default',
    defaultFormat: search.get('default_format') || header(headers, 'x-clickhouse-format') || 'TabSeparated',
    settings,
    parameters,
    waitEnd: isOn(search.get('wait_end_of_query')) || isOn(search.get('http_wait_end_of_query')),
    responseEncoding: isOn(search.get('enable_http_compression')) ? chooseEncoding(headers['accept-encoding']) : 'identity',
    contentEncoding: headers['content-encoding']?.trim().toLowerCase() || 'identity',
    multipartBoundary: /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(headers['content-type'] ?? '')?.[1],
  };
}

/** Sorts one URL or form parameter into settings and query parameters; what the HTTP interface reads itself is left out. */
export function addParameter(
  name: string,
  value: string,
  into: { readonly settings: Map<string, string>; readonly parameters: Map<string, string> },
): void {
  if (name.startsWith('param_')) into.parameters.set(name.slice('param_'.length), value);
  else if (!NOT_SETTINGS.has(name)) into.settings.set(name, value);
}

/** The settings of a user who may only read: none but `readonly = 1`. */
export function readonlySettings(settings: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  for (const [name, value] of settings) {
    if (name !== 'readonly' || (value !== '1' && value !== '2')) throw exceptions.readonly(name);
  }
  return new Map([['readonly', '1']]);
}

const ENCODINGS = ['gzip', 'zstd', 'br', 'deflate'] as const;

function chooseEncoding(accepted: string | string[] | undefined): ResponseEncoding {
  const names = String(accepted ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.split(';')[0]?.trim());
  return ENCODINGS.find((encoding) => names.includes(encoding)) ?? 'identity';
}

const isOn = (value: string | null): boolean => value !== null && value !== '' && value !== '0' && value !== 'false';
const header = (headers: IncomingHttpHeaders, name: string): string => String(headers[name] ?? '');
