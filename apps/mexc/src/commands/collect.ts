import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { collectAttached, collectDetached, type CollectReport } from '../lane/collect.ts';
import { formatDetached } from '../present/collect.ts';
import { toWantedSymbols } from '../symbols.ts';

export default class Collect extends BaseCommand {
  static override summary = 'Record symbols until stopped; Ctrl-C drains and exits 0.';
  static override description = `One lane (process, session, spool) for each symbol, or one for all with --one-lane. Every frame is kept verbatim.
Rows are durable on disk before they are inserted; nothing that was spooled is lost by a crash of any process.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> --symbol BTC_USDT',
    '<%= config.bin %> <%= command.id %> --symbol BTC_USDT --symbol ETH_USDT --detach',
    '<%= config.bin %> <%= command.id %> --symbol SOL_USDT --egress socks5://127.0.0.1:1080',
  ];
  static override flags = {
    symbol: Flags.string({
      char: 's',
      multiple: true,
      summary: 'Symbol to record; may be repeated.',
      env: 'MEXC_SYMBOLS',
      helpValue: 'BTC_USDT',
    }),
    egress: Flags.string({ summary: 'Route out: direct, bind:<address>, socks5://[user:pass@]host:port.', helpValue: 'direct' }),
    'one-lane': Flags.boolean({ summary: 'One process and connection for all symbols.' }),
    detach: Flags.boolean({ char: 'd', summary: 'Run in the background; `mexc down` stops it.' }),
  };

  async run(): Promise<CollectReport> {
    const { flags } = await this.parse(Collect);
    await using context = await this.openContext(flags);
    const symbols = toWantedSymbols(flags.symbol, context.config.symbols);
    const plan = { symbols, oneLane: flags['one-lane'], egress: flags.egress, json: this.jsonEnabled() };
    if (!flags.detach) return await collectAttached(plan, context);
    const report = await collectDetached(plan, context);
    this.log(formatDetached(report));
    return report;
  }
}
