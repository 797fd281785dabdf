import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rebuildEpoch } from '@mexc-toolkit/collector';
import {
  CaptureError,
  listRowTables,
  openLock,
  parseManifest,
  previousTable,
  tableName,
  toBase,
  toEpochName,
  toExportPath,
  toManifestPath,
  type ContractSymbol,
  type Epoch,
  type Manifest,
} from '@mexc-toolkit/core';
import { asideTable, readState, withAdopted, writeState } from '@mexc-toolkit/rotator';
import type { AppContext } from '../context.ts';

/** What `mexc rebuild --json` prints. */
export interface RebuildReport {
  readonly symbol: ContractSymbol;
  readonly epoch: string;
  readonly table: string;
  readonly rows: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Where the table that stood there before is now; null when there was none. */
  readonly setAside: string | null;
}

/**
 * Makes an epoch's table anew from the spool and puts it in line for export. The table that was there is set aside under
 * `<base>_damaged_…`, never dropped.
 *
 * @throws {CaptureError} `REBUILD_INCOMPLETE`, `EPOCH_UNKNOWN` when neither state nor manifest knows the epoch, `LOCK_HELD`
 */
export async function rebuild(symbol: ContractSymbol, startUs: number, context: AppContext): Promise<RebuildReport> {
  const base = toBase(symbol);
  const directory = context.paths.rotation;
  using _archive = openLock(join(directory, `${base}.archive.lock`), { pid: context.pid, what: `rebuild of ${symbol}` });
  using _rotation = openLock(join(directory, `${base}.lock`), { pid: context.pid, what: `rebuild of ${symbol}` });
  const store = await context.store();
  const state = await readState(directory, { base, symbol });
  const pending = state.pending.find((epoch) => epoch.startUs === startUs);
  const manifest = await readManifest(join(context.exportDir, toExportPath(symbol, startUs)));
  const epoch: Epoch | undefined = pending ?? manifest?.epoch;
  if (!epoch)
    throw new CaptureError(
      'EPOCH_UNKNOWN',
      `neither a rotation nor a manifest knows an epoch of ${symbol} that starts ${toEpochName(startUs)}`,
      { context: { symbol } },
    );
  const scratch = `${base}_rebuilt`;
  const expected = manifest ? { firstSeq: manifest.firstSeq, lastSeq: manifest.lastSeq } : undefined;
  const rebuilt = await rebuildEpoch({
    symbol,
    epoch,
    paths: context.paths,
    store,
    table: scratch,
    expected,
    signal: context.signal,
  });
  const table = pending?.table ?? asideTable(previousTable(base), startUs);
  const exists = (await listRowTables(store, base)).includes(table);
  const setAside = exists ? `${base}_damaged_${toEpochName(startUs).replace('.', '_')}_${Math.floor(context.clock.now())}` : null;
  const name = (text: string): string => tableName(store.database, text);
  const moves = [...(setAside ? [`${name(table)} TO ${name(setAside)}`] : []), `${name(scratch)} TO ${name(table)}`];
  await store.command(`RENAME TABLE ${moves.join(', ')}`);
  if (!pending)
    await writeState(
      directory,
      base,
      withAdopted(state, { table, startUs: epoch.startUs, endUs: epoch.endUs, report: null, egress: manifest?.egress ?? null }),
    );
  return { symbol, epoch: toEpochName(startUs), table, ...rebuilt, setAside };
}

async function readManifest(parquetPath: string): Promise<Manifest | undefined> {
  const path = toManifestPath(parquetPath);
  try {
    return parseManifest(await readFile(path, 'utf8'), path);
  } catch {
    return undefined; // the epoch was never exported, or its manifest is damaged: the spool alone has to tell
  }
}
