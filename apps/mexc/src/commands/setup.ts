import { parseSymbol, toBase } from '@mexc-toolkit/core';
import { prepareTables } from '@mexc-toolkit/collector';
import { BaseCommand } from '../base-command.ts';
import { openContext } from '../context.ts';
import { Flags } from '@oclif/core';

export default class Setup extends BaseCommand {
  static override summary = 'Make home, database and tables. Safe to repeat.';
  static override examples = ['<%= config.bin %> <%= command.id %> --symbol BTC_USDT'];
  static override flags = {
    symbol: Flags.string({
      char: 's',
      multiple: true,
      summary: 'Symbol whose tables and views are made.',
      helpValue: 'BTC_USDT',
    }),
  };

  async run(): Promise<{
    readonly home: string;
    readonly database: string;
    readonly store: string;
    readonly bases: readonly string[];
  }> {
    const { flags } = await this.parse(Setup);
    await using context = await openContext({
      settings: this.toSettings(flags),
      configFile: flags.config,
      debug: flags.debug,
      signal: this.signal,
    });
    const symbols = (flags.symbol ?? context.config.symbols).map(parseSymbol);
    const store = await context.store();
    await prepareTables(store, symbols, this.signal);
    const report = { home: context.config.home, database: store.database, store: store.address.url, bases: symbols.map(toBase) };
    this.log(
      `Ready: home ${report.home}, database ${report.database} at ${report.store}${symbols.length > 0 ? `, tables for ${symbols.join(', ')}` : ''}.`,
    );
    return report;
  }
}
