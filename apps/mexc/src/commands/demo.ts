import { join } from 'node:path';
import { CaptureError } from '@mexc-toolkit/core';
import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { isProven, type DemoReport } from '../demo/demo-report.ts';
import { runDemo } from '../demo/run-demo.ts';
import { formatDemo } from '../present/demo.ts';

export default class Demo extends BaseCommand {
  static override summary = 'The whole job on loopback in under a minute, with a proof table at the end.';
  static override description = `Simulated exchange, embedded ClickHouse, three lanes with different source addresses, two rotations under load, verified exports.
Works in <home>/demo and <export-dir>/demo, clears what an earlier demo left there, and leaves nothing running.`;
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json --seconds 12'];
  static override flags = {
    rate: Flags.integer({ summary: 'Frames a second, all symbols together.', default: 300, min: 3, max: 20_000 }),
    seconds: Flags.integer({ summary: 'How long to record, all stretches together.', default: 27, min: 3, max: 3600 }),
  };

  async run(): Promise<DemoReport> {
    const { flags } = await this.parse(Demo);
    const started = performance.now();
    const report = await runDemo({
      symbols: ['BTC_USDT', 'ETH_USDT', 'SOL_USDT'],
      rate: flags.rate,
      stretchMs: Math.floor((flags.seconds * 1000) / 3),
      onStep: (text) => process.stderr.write(`[${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s] ${text}\n`),
      open: async (settings) => {
        const own = { ...settings, 'clickhouse.url': 'embedded' };
        const { config } = await this.openContext(flags, { settings: own });
        const places = { home: join(config.home, 'demo'), exportDir: join(config.exportDir, 'demo') };
        return await this.openContext(flags, { settings: { ...own, ...places }, quiet: !flags.debug });
      },
    });
    this.log(formatDemo(report, process.cwd()));
    if (!isProven(report))
      throw new CaptureError(
        'EXPORT_MISMATCH',
        `the demo is not proven: lost ${report.lost}, duplicated ${report.duplicated}, audit ${report.audit}`,
      );
    return report;
  }
}
