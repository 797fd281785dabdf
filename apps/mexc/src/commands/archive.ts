import { Flags } from '@oclif/core';
import { finishPending, runArchive } from '../archive/archive.ts';
import type { ExportOutcome } from '../archive/export-symbol.ts';
import { BaseCommand } from '../base-command.ts';
import { exportFlags, toExportPlan } from '../flags.ts';
import { failUnlessMatched, formatExports } from '../present/export.ts';
import { toKnownSymbols } from '../symbols.ts';

export default class Archive extends BaseCommand {
  static override summary = 'The hourly service: rotate, export, verify, drop. With --once, finish what an earlier run left.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --once'];
  static override flags = {
    ...exportFlags,
    once: Flags.boolean({ summary: 'Only export, prove and drop what is rotated already, then end.' }),
  };

  async run(): Promise<{ readonly exports: readonly ExportOutcome[] }> {
    const { flags } = await this.parse(Archive);
    await using context = await this.openContext(flags);
    const plan = toExportPlan(flags, context.config, {
      startUs: undefined,
      verify: true,
      onProgress: (line) => this.logToStderr(line),
    });
    if (!flags.once) {
      await runArchive(
        { symbols: flags.symbol, export: plan, onOutcomes: (outcomes) => this.log(formatExports(outcomes)) },
        context,
      );
      return { exports: [] };
    }
    const exports = await finishPending(await toKnownSymbols(flags.symbol, await context.store()), plan, context);
    this.log(formatExports(exports));
    failUnlessMatched(exports);
    return { exports };
  }
}
