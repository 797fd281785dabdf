import { EXIT_STATUS, parseSymbol } from '@mexc-toolkit/core';
import { auditExports, type AuditReport } from '@mexc-toolkit/verifier';
import { Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { formatAudit } from '../../present/audit.ts';
import { openProgress } from '../../present/progress.ts';

export default class VerifyExports extends BaseCommand {
  static override summary = 'Prove every exported file anew: bytes, rows, digests, and the seq chain over all hours.';
  static override description =
    'Reads everything and changes nothing. With --offline only files and manifests are used, else export_log and tables too. Exit status 6 when anything differs.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --offline --export-dir /data/exports',
  ];
  static override flags = {
    symbol: Flags.string({ char: 's', multiple: true, summary: 'Only this symbol; all by default.', helpValue: 'BTC_USDT' }),
    offline: Flags.boolean({ summary: 'Do not ask ClickHouse.' }),
  };

  async run(): Promise<AuditReport> {
    const { flags } = await this.parse(VerifyExports);
    await using context = await this.openContext(flags);
    using progress = openProgress(process.stderr);
    const report = await auditExports({
      exportDir: context.exportDir,
      symbols: flags.symbol?.map(parseSymbol),
      store: flags.offline ? undefined : await context.store(),
      clock: context.clock,
      signal: this.signal,
      onProgress: ({ files, totalFiles, path }) => progress.update(files, totalFiles, path),
    });
    progress[Symbol.dispose]();
    this.log(formatAudit(report));
    if (report.verdict !== 'match') process.exitCode = EXIT_STATUS.integrity;
    return report;
  }
}
