import { resolve } from 'node:path';
import {
  loadConfig,
  systemClock,
  Telemetry,
  toHomePaths,
  type Clock,
  type Config,
  type HomePaths,
  type LoadedConfig,
  type Store,
} from '@mexc-toolkit/core';
import { openConfiguredStore } from './store/open-configured-store.ts';
import { openLogger } from './present/logger.ts';

/** What commands are given to work with. The only place that touches environment and process for them. */
export interface AppContext extends AsyncDisposable {
  readonly config: Config;
  readonly loaded: LoadedConfig;
  readonly paths: HomePaths;
  readonly exportDir: string;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly pid: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Opens the store on first use; starts the embedded engine when it is the one configured. */
  store(): Promise<Store>;
}

export interface ContextOptions {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly configFile: string | undefined;
  readonly debug: boolean;
  /** Only warnings and errors are logged. @default false */
  readonly quiet?: boolean;
  readonly signal: AbortSignal;
}

/**
 * Reads the configuration and makes what every command needs.
 *
 * @throws {CaptureError} `CONFIG_INVALID`, `CONFIG_UNREADABLE`
 */
export async function openContext(options: ContextOptions): Promise<AppContext> {
  const file = { path: options.configFile ?? 'mexc.yaml', required: options.configFile !== undefined };
  const loaded = loadConfig({ flags: options.settings, env: process.env, file });
  const config: Config = { ...loaded.config, home: resolve(loaded.config.home), exportDir: resolve(loaded.config.exportDir) };
  const telemetry = new Telemetry(
    openLogger({ debug: options.debug, isTty: process.stderr.isTTY, ...(options.quiet ? { level: 'warn' } : {}) }),
  );
  let store: Promise<Store> | undefined;
  return {
    config,
    loaded,
    paths: toHomePaths(config.home),
    exportDir: config.exportDir,
    clock: systemClock,
    telemetry,
    pid: process.pid,
    random: Math.random,
    signal: options.signal,
    store: () => (store ??= openConfiguredStore(config, { clock: systemClock, signal: options.signal })),
    [Symbol.asyncDispose]: async () => {
      const opened = await store?.catch(() => undefined);
      await opened?.[Symbol.asyncDispose]();
    },
  };
}
