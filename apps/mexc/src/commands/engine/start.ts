import { ensureEngine, nodeSpawner } from '@mexc-toolkit/engine';
import { BaseCommand } from '../../base-command.ts';

export default class EngineStart extends BaseCommand {
  static override summary = 'Start the embedded ClickHouse of this home, if it does not run.';

  async run(): Promise<{ readonly url: string; readonly pid: number }> {
    const { flags } = await this.parse(EngineStart);
    await using context = await this.openContext(flags);
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
