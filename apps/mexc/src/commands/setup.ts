import { prepareTables } from '@mexc-toolkit/collector';
import { parseSymbol, toBase } from '@mexc-toolkit/core';
import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { writeFirstConfig } from '../first-config.ts';
import { formatSetup, type SetupReport } from '../present/setup.ts';

export default class Setup extends BaseCommand {
  static override summary = 'Make home, configuration file, database and tables. Safe to repeat.';
  static override examples = ['<%= config.bin %> <%= command.id %> --symbol BTC_USDT'];
  static override flags = {
    symbol: Flags.string({
      char: 's',
      multiple: true,
      summary: 'Symbol whose tables and views are made, and which stands in a new configuration file.',
      helpValue: 'BTC_USDT',
    }),
  };

  async run(): Promise<SetupReport> {
    const { flags } = await this.parse(Setup);
    await using context = await this.openContext(flags);
    const symbols = (flags.symbol ?? context.config.symbols).map(parseSymbol);
    const store = await context.store();
    await prepareTables(store, symbols, this.signal);
    const configFile = context.loaded.file ?? (await writeFirstConfig('mexc.yaml', symbols));
    const report = {
      home: context.config.home,
      configFile,
      database: store.database,
      store: store.address.url,
      bases: symbols.map(toBase),
    };
    this.log(formatSetup(report));
    return report;
  }
}
