import type { Config } from '@mexc-toolkit/core';
import { Flags } from '@oclif/core';
import type { ExportPlan } from './archive/export-symbol.ts';

/** What `export` and `archive` have in common. */
export const exportFlags = {
  symbol: Flags.string({
    char: 's',
    multiple: true,
    summary: 'Symbol; all that are recorded here by default.',
    helpValue: 'BTC_USDT',
  }),
  writer: Flags.option({ options: ['clickhouse', 'parquetjs'] as const, summary: 'Who writes the file.' })(),
  compression: Flags.option({ options: ['zstd', 'snappy', 'gzip', 'none'] as const, summary: 'Compression of pages.' })(),
};

/** Flags over configuration; the compression of the configuration is that of its own writer. */
export function toExportPlan(
  flags: { readonly writer?: ExportPlan['writer'] | undefined; readonly compression?: ExportPlan['compression'] },
  config: Config,
  rest: Pick<ExportPlan, 'startUs' | 'verify' | 'onProgress'>,
): ExportPlan {
  const writer = flags.writer ?? config.export.writer;
  const configured = config.export.compression;
  return {
    ...rest,
    writer,
    compression: flags.compression ?? (writer === 'parquetjs' && configured === 'zstd' ? undefined : configured),
  };
}
