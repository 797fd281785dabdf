export { exportEpoch, type ExportOptions, type ExportReport, type ExportStep } from './export-epoch.ts';
export type { WriterName } from './writers/writer.ts';
