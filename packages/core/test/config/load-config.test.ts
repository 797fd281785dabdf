import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'vitest';
import { CaptureError, configSchema, listSettings, loadConfig, type ConfigSources, type LoadedConfig } from '@mexc-toolkit/core';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mexc-config-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function load(text: string | undefined, more: Partial<Pick<ConfigSources, 'env' | 'flags'>> = {}): LoadedConfig {
  const path = join(directory, 'mexc.yaml');
  if (text !== undefined) writeFileSync(path, text);
  return loadConfig({ flags: {}, env: {}, ...more, file: { path, required: text !== undefined } });
}

function problemsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (CaptureError.is(error, 'CONFIG_INVALID'))
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  test('has a default for everything', ({ expect }) => {
    const { config, origins, file } = load(undefined);
    expect(config).toEqual(configSchema.parse({}));
    expect(new Set(origins.values())).toEqual(new Set(['default']));
    expect(file).toBeUndefined();
  });

  test('is taken from flag before environment before file before default', ({ expect }) => {
    const text = 'spool: { commitIntervalMs: 1, commitBytes: 1, segmentBytes: 1 }';
    const env = { MEXC_SPOOL_COMMIT_INTERVAL_MS: '2', MEXC_SPOOL_COMMIT_BYTES: '2', MEXC_HOME: '' };
    const { config, origins } = load(text, { env, flags: { 'spool.commitIntervalMs': 3, home: undefined } });
    expect(config.spool).toMatchObject({ commitIntervalMs: 3, commitBytes: 2, segmentBytes: 1 });
    expect(config.home).toBe('./.mexc');
    const of = (path: string) => origins.get(path);
    expect(['spool.commitIntervalMs', 'spool.commitBytes', 'spool.segmentBytes', 'home'].map(of)).toEqual([
      'flag',
      'env',
      'file',
      'default',
    ]);
  });

  test('reports every problem of every source at once, with where it comes from', ({ expect }) => {
    const text = 'colour: blue\nspool: { commitBytes: many, extra: 1 }\nvenue: { wsUrl: "http://x" }\n';
    const problems = problemsOf(() =>
      load(text, { env: { MEXC_INSERT_PARALLEL: '0', MEXC_EGRESS_BY_SYMBOL: 'BTC_USDT' }, flags: { 'session.maxErrors': -1 } }),
    );
    const file = join(directory, 'mexc.yaml');
    expect(problems.toSorted()).toEqual([
      expect.stringMatching(/^configuration: .*"colour"/),
      expect.stringMatching(/^egressBySymbol: .*\(from MEXC_EGRESS_BY_SYMBOL\)$/),
      expect.stringMatching(/^insert\.parallel: .*\(from MEXC_INSERT_PARALLEL\)$/),
      expect.stringMatching(/^session\.maxErrors: .*\(from a flag\)$/),
      `spool.commitBytes: Invalid input: expected number, received string (in ${file})`,
      expect.stringMatching(/^spool: .*"extra"/),
      expect.stringMatching(/^venue\.wsUrl: expected a URL that starts with ws:\/\/ or wss:\/\//),
    ]);
  });

  test.for(['a: [', '- a list', 'just text', '"\u0000"'])(
    'that is not keys and values (%j) is CONFIG_INVALID',
    (text, { expect }) => {
      expect(problemsOf(() => load(text))).toHaveLength(1);
    },
  );

  test('that is named and absent is CONFIG_UNREADABLE; an empty one is none', ({ expect }) => {
    const absent = { flags: {}, env: {}, file: { path: join(directory, 'no.yaml'), required: true } };
    expect(() => loadConfig(absent)).toThrow('cannot read the configuration file');
    expect(load('').config).toEqual(configSchema.parse({}));
  });

  test('from the environment has the type that the setting takes', ({ expect }) => {
    const env = {
      MEXC_HOME: '2026',
      MEXC_CLICKHOUSE_PASSWORD: '123',
      MEXC_CLICKHOUSE_USER: 'true',
      MEXC_SYMBOLS: 'BTC_USDT, ETH_USDT,',
      MEXC_EGRESS_BY_SYMBOL: 'BTC_USDT=bind:127.0.0.2, ETH_USDT=socks5://u:p=x@h:1',
      MEXC_SUBSCRIPTIONS_DEPTH_FULL: 'false',
      MEXC_SUBSCRIPTIONS_DEPTH: 'every',
      MEXC_SUBSCRIPTIONS_KLINE: 'Min1,Min5',
      MEXC_SUBSCRIPTIONS_DEAL: 'false',
    };
    const { config } = load(undefined, { env });
    expect(config).toMatchObject({
      home: '2026',
      clickhouse: { password: '123', user: 'true' },
      symbols: ['BTC_USDT', 'ETH_USDT'],
      egressBySymbol: { BTC_USDT: 'bind:127.0.0.2', ETH_USDT: 'socks5://u:p=x@h:1' },
      subscriptions: { depthFull: false, depth: 'every', kline: ['Min1', 'Min5'], deal: false },
    });
  });
});

describe('settings', () => {
  test('have each an environment name of their own and a description, and can be set by it', ({ expect }) => {
    const settings = listSettings();
    expect(new Set(settings.map(({ env }) => env)).size).toBe(settings.length);
    for (const { path, env, description, types } of settings) {
      expect(env).toMatch(/^MEXC_[A-Z0-9_]+$/);
      expect(description, path).not.toBe('');
      expect(types, path).not.toEqual([]);
      // Text that no setting takes: each has to refuse it or to hold it, none may pass it over.
      const { origins } = tryLoad(env) ?? {};
      expect(origins?.get(path) ?? 'refused', path).toMatch(/^(env|refused)$/);
    }
    expect(settings.length).toBeGreaterThan(40);
  });

  test('that hold secrets are marked', ({ expect }) => {
    const secret = listSettings().filter((setting) => setting.secret);
    expect(secret.map(({ path }) => path)).toEqual(['egress', 'egressBySymbol', 'clickhouse.url', 'clickhouse.password']);
  });
});

function tryLoad(env: string): LoadedConfig | undefined {
  try {
    return load(undefined, { env: { [env]: '%' } });
  } catch {
    return undefined; // refused
  }
}
