import { BaseCommand } from '../../base-command.ts';
import { stopHomeEngine } from '../../fleet/stop-home-engine.ts';

export default class EngineStop extends BaseCommand {
  static override summary = 'Stop the embedded ClickHouse of this home. Lanes that run start it again.';

  async run(): Promise<{ readonly stopped: boolean }> {
    const { flags } = await this.parse(EngineStop);
    await using context = await this.openContext(flags);
    const stopped = await stopHomeEngine(context);
    this.log(stopped ? 'Stopped the engine.' : 'No engine was running.');
    return { stopped };
  }
}
