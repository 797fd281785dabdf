import { CaptureError, openStore, type Clock, type Store, type StoreAddress } from '@mexc-toolkit/core';

export interface EmbeddedStoreOptions {
  readonly database: string;
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
  /** Finds the running engine, or starts one. */
  readonly findEngine: () => Promise<StoreAddress>;
}

const RESTART_INTERVAL_MS = 2000;

/**
 * A store at the embedded engine, which may die and come back at another address. A statement that finds it gone fails as at
 * any store; the engine is looked for, or started, before the next one.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<Store> {
  let inner = openAt(await options.findEngine(), options);
  let lastLookMs = -Infinity;
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const address = await options.findEngine();
    if (address.url === inner.address.url && address.password === inner.address.password) return;
    const old = inner;
    inner = openAt(address, options);
    await old[Symbol.asyncDispose]();
  };
  const run = async <T>(statement: (store: Store) => Promise<T>): Promise<T> => {
    await looking;
    try {
      return await statement(inner);
    } catch (error) {
      if (CaptureError.is(error, 'STORE_UNREACHABLE') && options.clock.monotonic() - lastLookMs > RESTART_INTERVAL_MS) {
        lastLookMs = options.clock.monotonic();
        looking = look()
          .catch(() => {
            // the engine cannot be started now: the next statement fails as this one did, and looks again
          })
          .finally(() => {
            looking = undefined;
          });
      }
      throw error;
    }
  };
  return {
    database: options.database,
    get address() {
      return inner.address;
    },
    ping: (signal) => run((store) => store.ping(signal)),
    command: (sql, more) => run((store) => store.command(sql, more)),
    query: (sql, more) => run((store) => store.query(sql, more)),
    insert: (sql, body, more) => run((store) => store.insert(sql, body, more)),
    stream: (sql, more) => run((store) => store.stream(sql, more)),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

const openAt = ({ url, user, password }: StoreAddress, { database, requestTimeoutMs }: EmbeddedStoreOptions): Store =>
  openStore({ url, user, password, database, requestTimeoutMs });
