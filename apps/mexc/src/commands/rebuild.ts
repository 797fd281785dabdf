import { parseEpochName, parseSymbol } from '@mexc-toolkit/core';
import { Flags } from '@oclif/core';
import { rebuild, type RebuildReport } from '../archive/rebuild.ts';
import { BaseCommand } from '../base-command.ts';

export default class Rebuild extends BaseCommand {
  static override summary = "Make an epoch's table anew from the spool, to be exported again.";
  static override description =
    'For an epoch whose table was damaged or does not match. The table that was there is set aside, never dropped.';
  static override examples = ['<%= config.bin %> <%= command.id %> --symbol BTC_USDT --epoch 20261122T130000Z'];
  static override flags = {
    symbol: Flags.string({ char: 's', required: true, summary: 'Symbol of the epoch.', helpValue: 'BTC_USDT' }),
    epoch: Flags.string({ required: true, summary: 'Start of the epoch.', helpValue: '20261122T130000Z' }),
  };

  async run(): Promise<RebuildReport> {
    const { flags } = await this.parse(Rebuild);
    const symbol = parseSymbol(flags.symbol);
    const startUs = parseEpochName(flags.epoch);
    await using context = await this.openContext(flags);
    const report = await rebuild(symbol, startUs, context);
    this.log(
      `Rebuilt ${report.table} from the spool: ${report.rows} rows, seq ${report.firstSeq}..${report.lastSeq}.${report.setAside ? ` The old table is ${report.setAside}.` : ''}\nNext: mexc export --symbol ${symbol} --verify`,
    );
    return report;
  }
}
