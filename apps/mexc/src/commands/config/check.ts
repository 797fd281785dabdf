import { listSettings, type ConfigOrigin } from '@mexc-toolkit/core';
import { BaseCommand } from '../../base-command.ts';

interface ShownSetting {
  readonly path: string;
  readonly value: unknown;
  readonly origin: ConfigOrigin;
  readonly env: string;
}

export default class ConfigCheck extends BaseCommand {
  static override summary = 'Check the configuration and show every setting, where it comes from, and its environment variable.';

  async run(): Promise<{ readonly file: string | null; readonly settings: readonly ShownSetting[] }> {
    const { flags } = await this.parse(ConfigCheck);
    await using context = await this.openContext(flags);
    const { config, origins, file } = context.loaded;
    const settings = listSettings().map(({ path, env, secret }): ShownSetting => {
      const value = path
        .split('.')
        .reduce<unknown>((node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined), config);
      const origin = origins.get(path) ?? 'default';
      return { path, value: secret ? withoutSecret(path, value) : value, origin, env };
    });
    this.log(
      [
        `File: ${file ?? 'none'}`,
        ...settings.map(
          ({ path, value, origin, env }) => `${path.padEnd(28)} ${JSON.stringify(value) ?? '-'}  (${origin}; ${env})`,
        ),
      ].join('\n'),
    );
    return { file: file ?? null, settings };
  }
}

/** Routes and URLs are shown without user and password; a password not at all. */
function withoutSecret(path: string, value: unknown): unknown {
  if (path.endsWith('password')) return value === '' ? '' : '(hidden)';
  return JSON.parse(JSON.stringify(value).replaceAll(/\/\/[^@/"]*@/g, '//***@'));
}
