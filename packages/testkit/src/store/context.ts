import { randomUUID } from 'node:crypto';
import { createClient, type ClickHouseClient, type ClickHouseClientConfigOptions } from '@clickhouse/client';

/** A ClickHouse to test, and how to reach it. */
export type StoreUnderTest = { readonly url: string; readonly user: string; readonly password: string } & AsyncDisposable;

/** A test that gets a database of its own. */
export type CaseTest = (title: string, run: (context: StoreContext) => Promise<void>) => void;

/** One test's own database in the store, with a client that uses it by default. */
export interface StoreContext extends AsyncDisposable {
  readonly store: StoreUnderTest;
  readonly database: string;
  readonly client: ClickHouseClient;
  /** Another client of the same database. Closed with the context. */
  readonly connect: (options?: ClickHouseClientConfigOptions) => ClickHouseClient;
  /** Rows of a query, each as a plain object; 64-bit integers are texts. */
  readonly rows: (query: string, parameters?: Record<string, unknown>) => Promise<Record<string, unknown>[]>;
  /** One value: the first column of the first row, as TabSeparated writes it. */
  readonly value: (query: string, parameters?: Record<string, unknown>) => Promise<string>;
}

/** Makes a database that no other test has; dropped when disposed. */
export async function openContext(store: StoreUnderTest): Promise<StoreContext> {
  const database = `contract_${randomUUID().replaceAll('-', '')}`;
  const clients: ClickHouseClient[] = [];
  const connect = (options: ClickHouseClientConfigOptions = {}): ClickHouseClient => {
    const client = createClient({
      url: store.url,
      username: store.user,
      password: store.password,
      database,
      log: { level: 127 },
      ...options,
    });
    clients.push(client);
    return client;
  };
  const administrator = connect({ database: 'default' });
  await administrator.command({ query: `CREATE DATABASE ${database}` });
  const client = connect();
  const read = async (query: string, parameters: Record<string, unknown>): Promise<string> => {
    const result = await client.query({ query, query_params: parameters, format: 'TabSeparated' });
    return await result.text();
  };
  return {
    store,
    database,
    client,
    connect,
    rows: async (query, parameters = {}) => {
      const result = await client.query({
        query,
        query_params: parameters,
        format: 'JSONEachRow',
        clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
      });
      return await result.json<Record<string, unknown>>();
    },
    value: async (query, parameters = {}) => (await read(query, parameters)).split(/[\t\n]/)[0] ?? '',
    [Symbol.asyncDispose]: async () => {
      await administrator.command({ query: `DROP DATABASE IF EXISTS ${database} SYNC` });
      for (const each of clients) await each.close();
    },
  };
}

/** What a promise was rejected with, as the fields that consumers branch on. */
export async function failure(promise: Promise<unknown>): Promise<{ code?: unknown; type?: unknown; message: string }> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      message: error.message,
      ...('code' in error ? { code: error.code } : {}),
      ...('type' in error ? { type: error.type } : {}),
    };
  }
  throw new Error('expected the promise to be rejected');
}
