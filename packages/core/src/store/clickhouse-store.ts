import { Readable } from 'node:stream';
import { ClickHouseError, ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { CaptureError } from '../errors/capture-error.ts';

/** Where a ClickHouse listens and who we are there. */
export interface StoreAddress {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

export interface StatementOptions {
  readonly queryId?: string;
  /** Values of `{name:Type}` placeholders. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal | undefined;
  /** FORMAT of a result whose statement names none. For `stream` only. */
  readonly defaultFormat?: string;
}

/**
 * The one way to ClickHouse, be it a server or the embedded engine. Stateless: every statement stands alone.
 *
 * Errors of every method: `STORE_UNREACHABLE` (outcome unknown for a statement that changes something),
 * `STORE_REFUSED` (ClickHouse answered with an error: `context.clickhouseCode`), `STORE_DENIED`; the reason of `signal` when
 * it aborts.
 */
export interface Store extends AsyncDisposable {
  readonly database: string;
  readonly address: StoreAddress;
  ping(signal?: AbortSignal): Promise<void>;
  /** Runs a statement that returns no rows and waits for its end. */
  command(sql: string, options?: StatementOptions): Promise<void>;
  /** Rows of a query as objects; UInt64 and Int64 come as text. */
  query(sql: string, options?: StatementOptions): Promise<Readonly<Record<string, unknown>>[]>;
  /** Runs `INSERT … FORMAT …` (or any statement with a body); `body` is sent as it is. */
  insert(sql: string, body: readonly Uint8Array[], options?: StatementOptions): Promise<void>;
  /** The raw result of a query that names its FORMAT, as it streams in. Destroy it to give up. */
  stream(sql: string, options?: StatementOptions): Promise<Readable>;
}

export interface StoreOptions extends StoreAddress {
  readonly database: string;
  /** Longest time without an answer, milliseconds. @default 30_000 */
  readonly requestTimeoutMs?: number;
  readonly maxConnections?: number;
  /** Unqualified names mean `database`, which must exist then. For statements that people write. @default false */
  readonly useDatabase?: boolean;
}

/** Opens a store. No connection is made before the first statement. */
export function openStore(options: StoreOptions): Store {
  const client = createClient({
    url: options.url,
    username: options.user,
    password: options.password,
    application: 'mexc',
    log: { level: ClickHouseLogLevel.OFF }, // errors are reported once, by who handles them
    ...(options.useDatabase ? { database: options.database } : {}),
    request_timeout: options.requestTimeoutMs ?? 30_000,
    max_open_connections: options.maxConnections ?? 16,
    keep_alive: { enabled: true, idle_socket_ttl: 2500 },
    clickhouse_settings: { output_format_json_quote_64bit_integers: 1, wait_end_of_query: 1 },
  });
  return new ClickHouseStore(client, options);
}

class ClickHouseStore implements Store {
  readonly database: string;
  readonly address: StoreAddress;
  readonly #client: ClickHouseClient;

  constructor(client: ClickHouseClient, options: StoreOptions) {
    this.#client = client;
    this.database = options.database;
    this.address = { url: options.url, user: options.user, password: options.password };
  }

  async ping(signal?: AbortSignal): Promise<void> {
    await this.query('SELECT 1', { signal });
  }

  async command(sql: string, options: StatementOptions = {}): Promise<void> {
    await this.#translated(options.signal, () => this.#client.command({ query: sql, ...toParams(options) }));
  }

  async query(sql: string, options: StatementOptions = {}): Promise<Readonly<Record<string, unknown>>[]> {
    return await this.#translated(options.signal, async () => {
      const result = await this.#client.query({ query: sql, format: 'JSONEachRow', ...toParams(options) });
      return await result.json<Record<string, unknown>>();
    });
  }

  async insert(sql: string, body: readonly Uint8Array[], options: StatementOptions = {}): Promise<void> {
    await this.#translated(options.signal, async () => {
      const values = Readable.from(body, { objectMode: false });
      const { stream } = await this.#client.exec({ query: sql, values, ...toParams(options) });
      for await (const _ of stream); // the socket is free again only when the answer was read
    });
  }

  async stream(sql: string, options: StatementOptions = {}): Promise<Readable> {
    return await this.#translated(options.signal, async () => {
      const { stream } = await this.#client.exec({
        query: sql,
        clickhouse_settings: { wait_end_of_query: 0 },
        ...(options.defaultFormat === undefined ? {} : { http_headers: { 'X-ClickHouse-Format': options.defaultFormat } }),
        ...toParams(options),
      });
      return stream;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }

  async #translated<T>(signal: AbortSignal | undefined, statement: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted(); // the client does not notice a signal that aborted before
    try {
      return await statement();
    } catch (error) {
      signal?.throwIfAborted(); // the client's own error of an abort looks like one of the network
      throw toStoreError(error, this.address.url);
    }
  }
}

function toParams(options: StatementOptions) {
  return {
    ...(options.queryId === undefined ? {} : { query_id: options.queryId }),
    ...(options.params === undefined ? {} : { query_params: { ...options.params } }),
    ...(options.signal === undefined ? {} : { abort_signal: options.signal }),
  };
}

/** ClickHouse's AUTHENTICATION_FAILED, UNKNOWN_USER, WRONG_PASSWORD. */
const DENIED = new Set(['516', '192', '193']);

function toStoreError(cause: unknown, url: string): unknown {
  if (CaptureError.is(cause)) return cause;
  if (cause instanceof ClickHouseError) {
    const code = DENIED.has(cause.code) ? 'STORE_DENIED' : 'STORE_REFUSED';
    const context = { clickhouseCode: Number(cause.code), clickhouseType: cause.type ?? '' };
    return new CaptureError(code, `ClickHouse: ${firstLine(cause.message).trimEnd()} (${cause.type ?? 'code'} ${cause.code})`, {
      cause,
      context,
    });
  }
  if (cause instanceof Error && cause.name === 'AbortError') return cause;
  const detail = cause instanceof Error ? firstLine(cause.message) : String(cause);
  return new CaptureError('STORE_UNREACHABLE', `no answer from ClickHouse at ${url}: ${detail}`, { cause, context: { url } });
}

const firstLine = (text: string): string => (text.split('\n', 1)[0] ?? '').slice(0, 400);
