import { CaptureError, parseEpochName } from '@mexc-toolkit/core';
import { Flags } from '@oclif/core';
import { finishPending } from '../archive/archive.ts';
import type { ExportOutcome } from '../archive/export-symbol.ts';
import { listPending, type PendingList } from '../archive/list-pending.ts';
import { BaseCommand } from '../base-command.ts';
import { exportFlags, toExportPlan } from '../flags.ts';
import { failUnlessMatched, formatExports, formatPending } from '../present/export.ts';
import { toKnownSymbols } from '../symbols.ts';

export default class Export extends BaseCommand {
  static override summary = 'Write rotated epochs as Parquet; with --verify, prove each file and drop its table.';
  static override description =
    'Oldest first. A table is dropped only after its file was read back by another implementation and proven equal. Exit status 6 when a file is not proven; everything is kept then.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --verify',
    '<%= config.bin %> <%= command.id %> --symbol BTC_USDT --epoch 20261122T130000Z --writer parquetjs',
  ];
  static override flags = {
    ...exportFlags,
    epoch: Flags.string({ summary: 'Start of the one epoch to export.', helpValue: '20261122T130000Z' }),
    verify: Flags.boolean({ summary: 'Prove each file, then drop its table.' }),
    list: Flags.boolean({ summary: 'Only list what is rotated and not yet proven.' }),
  };

  async run(): Promise<{ readonly exports: readonly ExportOutcome[] } | { readonly pending: PendingList }> {
    const { flags } = await this.parse(Export);
    await using context = await this.openContext(flags);
    const startUs = flags.epoch === undefined ? undefined : parseEpochName(flags.epoch);
    const symbols = await toKnownSymbols(flags.symbol, await context.store());
    if (startUs !== undefined && symbols.length !== 1)
      throw new CaptureError('USAGE_INVALID', '--epoch needs exactly one --symbol');
    if (flags.list) {
      const pending = await listPending(symbols, context);
      this.log(formatPending(pending));
      return { pending };
    }
    const plan = toExportPlan(flags, context.config, {
      startUs,
      verify: flags.verify,
      onProgress: (line) => this.logToStderr(line),
    });
    const exports = await finishPending(symbols, plan, context);
    this.log(formatExports(exports));
    failUnlessMatched(exports);
    return { exports };
  }
}
