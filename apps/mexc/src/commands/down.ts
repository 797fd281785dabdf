import { BaseCommand } from '../base-command.ts';
import { stopEverything, type DownReport } from '../fleet/down.ts';

export default class Down extends BaseCommand {
  static override summary = 'Stop every lane of the home (they drain), then the engine.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<DownReport> {
    const { flags } = await this.parse(Down);
    await using context = await this.openContext(flags);
    const report = await stopEverything(context);
    const lanes = report.lanes.map(({ lane, pid }) => `Stopped lane ${lane} (pid ${pid}).`);
    this.log([...lanes, report.engine ? 'Stopped the engine.' : 'No engine was running.'].join('\n'));
    return report;
  }
}
