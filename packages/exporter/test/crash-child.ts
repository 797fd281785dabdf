// Exports one epoch and kills itself at the step that is named on the command line.
import { openStore, type StoreOptions } from '@mexc-toolkit/core';
import { exportEpoch, type WriterName } from '@mexc-toolkit/exporter';
import { toOptions } from './with-engine.ts';

const [, , optionsText = '{}', exportDir = '', step = '', writer = 'clickhouse'] = process.argv;
const storeOptions: StoreOptions = JSON.parse(optionsText) as StoreOptions;
const die = (): void => process.kill(process.pid, 'SIGKILL') && undefined;
await exportEpoch({
  ...toOptions(openStore(storeOptions), exportDir),
  writer: writer as WriterName,
  onProgress: () => step === 'writing' && die(),
  crashPoint: (reached) => reached === step && die(),
});
