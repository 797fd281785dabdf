import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEpochName, parseSymbol, toExportPath, toManifestPath, type ContractSymbol } from '@mexc-toolkit/core';

/** A Parquet file that lies where its name belongs. */
export interface ExportedFile {
  readonly symbol: ContractSymbol;
  readonly startUs: number;
  /** Relative to the export directory. */
  readonly relativePath: string;
  readonly hasManifest: boolean;
}

/** Everything below an export directory; paths are relative to it and sorted. */
export interface ExportsListing {
  /** By symbol, then by epoch. */
  readonly files: readonly ExportedFile[];
  /** Manifests whose Parquet file is not there. */
  readonly orphans: readonly string[];
  /** What a killed export left; harmless, and removed when that epoch is exported again. */
  readonly temporaries: readonly string[];
  /** Files that no export makes, or that were renamed or moved. */
  readonly foreign: readonly string[];
}

/** Reads the names below `exportDir`. Throws what the operating system says when it is not there. */
export async function listExportsDir(exportDir: string): Promise<ExportsListing> {
  const entries = await readdir(exportDir, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(exportDir, '/').length))
    .toSorted();
  const known = new Set(paths);
  const parquet = paths.map(toExportedFile).filter((file) => file !== null);
  const files = parquet
    .map((file) => ({ ...file, hasManifest: known.has(toManifestPath(file.relativePath)) }))
    .toSorted((a, b) => a.symbol.localeCompare(b.symbol) || a.startUs - b.startUs);
  const placed = new Set(files.map((file) => file.relativePath));
  const described = new Set(files.map((file) => toManifestPath(file.relativePath)));
  const rest = paths.filter((path) => !placed.has(path) && !described.has(path));
  const temporaries = rest.filter((path) => /(^|\/)\.[^/]*\.tmp-[^/]*$/.test(path));
  const orphans = rest.filter(
    (path) => toExportedFile(path.replace(/\.manifest\.json$/, '.parquet')) !== null && !placed.has(path),
  );
  const told = new Set([...temporaries, ...orphans]);
  return { files, orphans, temporaries, foreign: rest.filter((path) => !told.has(path)) };
}

/** The symbol and epoch that a path names; null when no export would be written there. */
function toExportedFile(path: string): Omit<ExportedFile, 'hasManifest'> | null {
  const [, name = '', epoch = ''] = /\/([A-Z0-9_]+)-([0-9TZ.]+)\.parquet$/.exec(path) ?? [];
  try {
    const symbol = parseSymbol(name);
    const startUs = parseEpochName(epoch);
    return toExportPath(symbol, startUs) === path ? { symbol, startUs, relativePath: path } : null;
  } catch {
    return null; // not a name of ours
  }
}
