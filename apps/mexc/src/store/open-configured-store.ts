import { openStore, type Clock, type Config, type Store } from '@mexc-toolkit/core';
import { ensureEngine, nodeSpawner } from '@mexc-toolkit/engine';
import { openEmbeddedStore } from './embedded-store.ts';

/**
 * The store that the configuration names. For `embedded` the engine of the home is started when it does not run, now and
 * whenever it is found gone later.
 *
 * @throws {CaptureError} `STORE_*`, `ENGINE_START_FAILED`
 */
export async function openConfiguredStore(
  config: Config,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Store> {
  const { url, user, password, database, requestTimeoutMs } = config.clickhouse;
  if (url !== 'embedded') {
    const store = openStore({ ...splitCredentials(url, { user, password }), database, requestTimeoutMs });
    await store.ping(options.signal);
    return store;
  }
  const spawnDetached = nodeSpawner({ execPath: process.execPath, env: process.env });
  return await openEmbeddedStore({
    database,
    requestTimeoutMs,
    clock: options.clock,
    findEngine: () => ensureEngine({ home: config.home, spawnDetached, clock: options.clock, signal: options.signal }),
  });
}

/** User and password may stand in the URL; they never go on in it. */
function splitCredentials(
  text: string,
  fallback: { readonly user: string; readonly password: string },
): { url: string; user: string; password: string } {
  const url = new URL(text);
  const user = url.username === '' ? fallback.user : decodeURIComponent(url.username);
  const password = url.password === '' ? fallback.password : decodeURIComponent(url.password);
  url.username = '';
  url.password = '';
  return { url: url.href.replace(/\/$/, ''), user, password };
}
