// npm run bench [-- --json] [-- --only ingest,latency] [-- --quick] [-- --write-docs]
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readMachine, readVersions } from './machine.ts';
import type { Measure } from './measure.ts';
import { measureExport } from './measures/export.ts';
import { measureIngest } from './measures/ingest.ts';
import { measureLatency } from './measures/latency.ts';
import { measureMemory } from './measures/memory.ts';
import { measureRotation } from './measures/rotation.ts';
import { measureStart } from './measures/start.ts';
import { replaceBetween, toDocument, toVerdict, type BenchReport, type Figure } from './report.ts';

const MEASURES: Readonly<Record<string, Measure>> = {
  start: measureStart,
  ingest: measureIngest,
  latency: measureLatency,
  rotation: measureRotation,
  export: measureExport,
  memory: measureMemory,
};
const DOCS = new URL('../docs/performance.md', import.meta.url);

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const only = values.only?.split(',') ?? Object.keys(MEASURES);
const unknown = only.filter((name) => !(name in MEASURES));
if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}; there are ${Object.keys(MEASURES).join(', ')}`);

const note = (text: string): void => console.error(`bench: ${text}`);
const startedMs = performance.now();
const at = new Date().toISOString();
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(MEASURES)) {
  if (only.includes(name)) figures.push(...(await measure({ quick: values.quick, note })));
}
const report: BenchReport = {
  formatVersion: 1,
  at,
  machine: readMachine(),
  versions: await readVersions(),
  quick: values.quick,
  durationMs: Math.round(performance.now() - startedMs),
  figures: figures.map((figure) => ({ ...figure, verdict: toVerdict(figure) })),
};
console.log(values.json ? JSON.stringify(report) : toDocument(report));
if (values['write-docs']) writeFileSync(DOCS, replaceBetween(readFileSync(DOCS, 'utf8'), 'measured', toDocument(report)));
