import { ensureEngine, nodeSpawner } from '@mexc-toolkit/engine';
import { BaseCommand } from '../../base-command.ts';
import { openContext } from '../../context.ts';

export default class EngineStart extends BaseCommand {
  static override summary = 'Start the embedded ClickHouse of this home, if it does not run.';

  async run(): Promise<{ readonly url: string; readonly pid: number }> {
    const { flags } = await this.parse(EngineStart);
    await using context = await openContext({
      settings: this.toSettings(flags),
      configFile: flags.config,
      debug: flags.debug,
      signal: this.signal,
    });
    const spawnDetached = nodeSpawner({ execPath: process.execPath, env: process.env });
    const { url, pid } = await ensureEngine({
      home: context.config.home,
      spawnDetached,
      clock: context.clock,
      signal: this.signal,
    });
    this.log(`The engine runs at ${url} (pid ${pid}).`);
    return { url, pid };
  }
}
