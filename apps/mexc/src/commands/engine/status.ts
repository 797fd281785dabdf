import { findEngine } from '@mexc-toolkit/engine';
import { BaseCommand } from '../../base-command.ts';

export default class EngineStatus extends BaseCommand {
  static override summary = 'Tell whether the embedded ClickHouse of this home runs, and where.';

  async run(): Promise<{
    readonly running: boolean;
    readonly url: string | null;
    readonly pid: number | null;
    readonly version: string | null;
  }> {
    const { flags } = await this.parse(EngineStatus);
    await using context = await this.openContext(flags);
    const engine = await findEngine(context.config.home);
    this.log(
      engine
        ? `Running: ${engine.url} (pid ${engine.pid}, ClickHouse ${engine.version}). User ${engine.user}; its password is in ${context.config.home}/engine/password.`
        : 'Not running.',
    );
    return {
      running: engine !== undefined,
      url: engine?.url ?? null,
      pid: engine?.pid ?? null,
      version: engine?.version ?? null,
    };
  }
}
