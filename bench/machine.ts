import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { createRequire } from 'node:module';
import type { Machine } from './report.ts';

/** What a reader needs to judge the figures; no name of the host. */
export function readMachine(): Machine {
  const release = readFileSync('/etc/os-release', 'utf8');
  return {
    cores: cpus().length,
    memoryGiB: Math.ceil(totalmem() / 2 ** 30),
    system: (/^PRETTY_NAME="?([^"\n]+)/m.exec(release)?.[1] ?? 'Linux').replace(/^Debian GNU\/Linux (\d+).*/, 'Debian $1'),
    cpu: cpus()[0]?.model ?? 'unknown CPU',
  };
}

export async function readVersions(): Promise<Readonly<Record<string, string>>> {
  const require = createRequire(import.meta.url);
  const versionOf = (name: string): string => {
    const path = require.resolve(name);
    const directory = path.slice(0, path.lastIndexOf(`/node_modules/${name}/`) + `/node_modules/${name}/`.length);
    return (JSON.parse(readFileSync(`${directory}package.json`, 'utf8')) as { version: string }).version;
  };
  return { Node: process.versions.node, ws: versionOf('ws'), ccxt: versionOf('ccxt'), chDB: versionOf('chdb') };
}
