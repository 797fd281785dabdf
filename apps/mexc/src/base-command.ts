import { CaptureError, EXIT_STATUS } from '@mexc-toolkit/core';
import { Command, Flags } from '@oclif/core';
import { openContext, type AppContext, type ContextOptions } from './context.ts';
import { toErrorText } from './present/error.ts';

const STOP_STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Flags that name a setting of the configuration: flag → path of the setting. */
const SETTING_FLAGS = {
  home: 'home',
  'export-dir': 'exportDir',
  'ws-url': 'venue.wsUrl',
  'rest-url': 'venue.restUrl',
  'clickhouse-url': 'clickhouse.url',
} as const;

/** Flags of every command, as they are parsed. */
interface GlobalFlags {
  readonly config: string | undefined;
  readonly debug: boolean;
}

/** What no command does by itself: configuration flags, signals, `--json`, and the exit status of an error. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = {
    config: Flags.string({
      char: 'c',
      summary: 'Configuration file.',
      env: 'MEXC_CONFIG',
      helpGroup: 'GLOBAL',
      helpValue: 'mexc.yaml',
    }),
    home: Flags.string({ summary: '[env: MEXC_HOME] Where everything is kept.', helpGroup: 'GLOBAL', helpValue: './.mexc' }),
    'export-dir': Flags.string({
      summary: '[env: MEXC_EXPORT_DIR] Where Parquet files appear.',
      helpGroup: 'GLOBAL',
      helpValue: './exports',
    }),
    'ws-url': Flags.string({ summary: '[env: MEXC_WS_URL] WebSocket of the venue.', helpGroup: 'GLOBAL', helpValue: 'wss://…' }),
    'rest-url': Flags.string({ summary: '[env: MEXC_REST_URL] REST of the venue.', helpGroup: 'GLOBAL', helpValue: 'https://…' }),
    'clickhouse-url': Flags.string({
      summary: '[env: MEXC_CLICKHOUSE_URL] ClickHouse, or "embedded".',
      helpGroup: 'GLOBAL',
      helpValue: 'embedded',
    }),
    debug: Flags.boolean({ summary: 'Show stack traces and debug events.', env: 'MEXC_DEBUG', helpGroup: 'GLOBAL' }),
  };

  readonly #stop = new AbortController();
  #stopStatus = 0;

  /** Aborts on the first SIGINT or SIGTERM. A second signal kills the process, as Node does by default. */
  protected get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Opens what the command works with, as its flags, the environment and the file say. */
  protected async openContext(flags: GlobalFlags, more: Partial<ContextOptions> = {}): Promise<AppContext> {
    const { settings, ...rest } = more;
    const named = Object.entries(SETTING_FLAGS).map(([flag, path]) => [path, Reflect.get(flags, flag)]);
    return await openContext({
      settings: { ...Object.fromEntries(named), ...settings },
      configFile: flags.config,
      debug: flags.debug,
      signal: this.signal,
      ...rest,
    });
  }

  protected override async init(): Promise<void> {
    await super.init();
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.once(name, () => {
        this.#stopStatus = STOP_STATUS[name];
        this.#stop.abort();
      });
    }
  }

  protected override async catch(error: Error): Promise<void> {
    if (this.signal.aborted && (error.name === 'AbortError' || error === this.signal.reason)) {
      process.exitCode = this.#stopStatus;
      this.logToStderr('Stopped before the end; run the command again to finish.');
      return;
    }
    if (!CaptureError.is(error)) {
      if (!this.argv.includes('--json') || !isUsageError(error)) throw error; // oclif shows usage (status 2) or a bug's stack (1)
      process.exitCode = EXIT_STATUS.usage;
      const [message = ''] = error.message.split('\n', 1);
      this.logJson({ error: new CaptureError('USAGE_INVALID', message).toJSON() });
      return;
    }
    process.exitCode = error.exitStatus;
    if (this.jsonEnabled()) this.logJson({ error: error.toJSON() });
    else this.logToStderr(toErrorText(error, process.env['MEXC_DEBUG'] === 'true' || this.argv.includes('--debug')));
  }
}

/** An error of oclif's parser: an unknown flag, a missing argument. */
const isUsageError = (error: Error): boolean =>
  'oclif' in error &&
  typeof error.oclif === 'object' &&
  error.oclif !== null &&
  'exit' in error.oclif &&
  error.oclif.exit === EXIT_STATUS.usage;
