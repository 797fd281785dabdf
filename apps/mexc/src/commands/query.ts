import { pipeline } from 'node:stream/promises';
import { openStore } from '@mexc-toolkit/core';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';

export default class Query extends BaseCommand {
  static override summary = 'Ask ClickHouse (the embedded engine, or the server that is configured).';
  static override description =
    'Tables: <base>_current, <base>_previous; views: <base>_ticker, <base>_deal, <base>_depth; logs: export_log, gap_log.';
  static override examples = [
    `<%= config.bin %> <%= command.id %> "SELECT mt, count() FROM btc_current GROUP BY mt"`,
    `<%= config.bin %> <%= command.id %> "SELECT * FROM btc_deal ORDER BY seq DESC LIMIT 5" --format JSONEachRow`,
  ];
  static override enableJsonFlag = false;
  static override args = { sql: Args.string({ required: true, description: 'One statement.' }) };
  static override flags = {
    format: Flags.string({
      char: 'f',
      summary: 'Output format of ClickHouse.',
      default: process.stdout.isTTY ? 'PrettyCompact' : 'TabSeparatedWithNames',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Query);
    await using context = await this.openContext(flags);
    const { address, database } = await context.store();
    await using store = openStore({ ...address, database, useDatabase: true });
    await pipeline(await store.stream(args.sql, { defaultFormat: flags.format, signal: this.signal }), process.stdout, {
      end: false,
    });
  }
}
