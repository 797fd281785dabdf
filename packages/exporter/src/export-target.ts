import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncDirectory, toExportPath, toManifestPath, type ContractSymbol } from '@mexc-toolkit/core';
import { whenWritable } from './unwritable.ts';

/** The names of one export: final ones, and the temporary ones beside them that no glob of `*.parquet` or `*.json` finds. */
export interface ExportTarget {
  readonly exportDir: string;
  /** Relative to the export directory, as in `export_log`. */
  readonly relativePath: string;
  readonly path: string;
  readonly manifestPath: string;
  readonly temporaryPath: string;
  readonly temporaryManifestPath: string;
}

export function toExportTarget(exportDir: string, symbol: ContractSymbol, startUs: number): ExportTarget {
  const relativePath = toExportPath(symbol, startUs);
  const path = join(exportDir, relativePath);
  const manifestPath = toManifestPath(path);
  const run = randomUUID();
  return {
    exportDir,
    relativePath,
    path,
    manifestPath,
    temporaryPath: join(dirname(path), `${temporaryPrefix(path)}${run}`),
    temporaryManifestPath: join(dirname(path), `${temporaryPrefix(manifestPath)}${run}`),
  };
}

/** Makes the directory and removes what a run that was killed left of this epoch. One exporter per epoch at a time. */
export async function prepareTarget(target: ExportTarget): Promise<void> {
  const directory = dirname(target.path);
  await whenWritable(directory, async () => {
    await makeDirectories(directory);
    const stale = [temporaryPrefix(target.path), temporaryPrefix(target.manifestPath)];
    for (const name of await readdir(directory)) {
      if (stale.some((prefix) => name.startsWith(prefix))) await rm(join(directory, name), { force: true });
    }
  });
}

/** As `mkdir` with `recursive`, which does not end in a directory whose file system answers ENOENT to every new name. */
async function makeDirectories(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (hasCode(error, 'EEXIST') && (await stat(path)).isDirectory()) return;
    if (!hasCode(error, 'ENOENT') || dirname(path) === path) throw error;
    await makeDirectories(dirname(path));
    await mkdir(path).catch((again: unknown) => {
      if (!hasCode(again, 'EEXIST')) throw again; // another exporter made it meanwhile
    });
  }
}

const hasCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;

/** Renames one temporary file to its final name. */
export async function publish(temporaryPath: string, path: string): Promise<void> {
  await whenWritable(path, () => rename(temporaryPath, path));
}

/** Makes the names survive a power cut: the directory of the date, of the symbol, and the export directory. */
export async function syncTarget(target: ExportTarget): Promise<void> {
  const dateDirectory = dirname(target.path);
  for (const directory of [dateDirectory, dirname(dateDirectory), target.exportDir]) {
    await whenWritable(directory, () => syncDirectory(directory));
  }
}

/** Removes the temporary files of this run. An error is left aside: the one that led here matters more. */
export async function discardTemporary(target: ExportTarget): Promise<void> {
  await rm(target.temporaryPath, { force: true }).catch(() => undefined);
  await rm(target.temporaryManifestPath, { force: true }).catch(() => undefined);
}

const temporaryPrefix = (path: string): string => `.${basename(path)}.tmp-`;
