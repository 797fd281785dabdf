import { mkdir, open, readdir, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  CaptureError,
  createDatabase,
  createRowTable,
  createViews,
  currentTable,
  listExports,
  listRowTables,
  readWatermark,
  settleStatements,
  toBase,
  type ContractSymbol,
  type Store,
  type Telemetry,
} from '@mexc-toolkit/core';
import { insertQueryPrefix } from '../insert/base-inserter.ts';
import { lastSeqOf } from '../insert/insert-queue.ts';
import { scanSegment, type BlockLocation, type Scanned } from '../spool/scan-segment.ts';
import { listSegments, toSpoolError } from '../spool/segment-file.ts';
import { noteContents, type SpoolContents } from '../spool/spool.ts';

/** What a symbol starts from. */
export interface SymbolStart {
  readonly symbol: ContractSymbol;
  /** Every seq up to it is in the tables or in verified files. */
  readonly insertedSeq: number;
  readonly nextSeq: number;
  readonly lastTsRecvUs: number;
  /** Blocks that the tables lack, in seq order. */
  readonly pending: readonly BlockLocation[];
}

export interface Recovery {
  readonly starts: readonly SymbolStart[];
  /** What the lane's own spool holds, of whatever symbol, for pruning. */
  readonly own: SpoolContents;
}

export interface RecoverOptions {
  readonly store: Store;
  readonly spools: string;
  /** The lane's own spool directory: only its torn tail is cut. */
  readonly directory: string;
  readonly symbols: readonly ContractSymbol[];
  readonly telemetry: Telemetry;
  readonly signal: AbortSignal;
}

/** Makes database, tables and views of the symbols. Safe to repeat. */
export async function prepareTables(store: Store, symbols: readonly ContractSymbol[], signal?: AbortSignal): Promise<void> {
  await createDatabase(store, signal);
  for (const symbol of symbols) {
    await createRowTable(store, currentTable(toBase(symbol)), signal);
    await createViews(store, toBase(symbol), signal);
  }
}

/**
 * Finds out where each symbol stands (docs/architecture.md#recovery): scans the spools, ends statements of an earlier life,
 * asks the store.
 * `nextSeq = 1 + max(spool, current, every previous, export_log)`, so a seq is never used twice (I3).
 *
 * The caller holds the symbols' locks. Every spool of the home is read, because a symbol may have been in another lane.
 *
 * @throws {CaptureError} `STORE_*` when the store does not answer: without it the seq is not known.
 */
export async function recover(options: RecoverOptions): Promise<Recovery> {
  const { store, symbols, signal } = options;
  await prepareTables(store, symbols, signal);
  const inserted = new Map<string, { readonly lastSeq: number; readonly lastTsRecvUs: number }>();
  for (const symbol of symbols) {
    await settleStatements(store, insertQueryPrefix(toBase(symbol)), signal);
    inserted.set(toBase(symbol), await readInserted(store, symbol, signal));
  }
  const found = await scanSpools(options, (base, lastSeq) => lastSeq > (inserted.get(base)?.lastSeq ?? Infinity)).catch(
    (error: unknown) => {
      throw CaptureError.is(error) ? error : toSpoolError(error, options.spools);
    },
  );
  const starts = symbols.map((symbol): SymbolStart => {
    const base = toBase(symbol);
    const known = inserted.get(base) ?? { lastSeq: 0, lastTsRecvUs: 0 };
    const { lastSeq, lastTsRecvUs, pending } = found.symbols.get(base) ?? { lastSeq: 0, lastTsRecvUs: 0, pending: [] };
    pending.sort((a, b) => a.firstSeq - b.firstSeq);
    const first = pending[0];
    return {
      symbol,
      // Rows before the first block that the store lacks too were verified and pruned: nothing here can bring them back.
      insertedSeq: first ? Math.max(known.lastSeq, known.lastSeq === 0 ? first.firstSeq - 1 : 0) : known.lastSeq,
      nextSeq: 1 + Math.max(known.lastSeq, lastSeq),
      lastTsRecvUs: Math.max(known.lastTsRecvUs, lastTsRecvUs),
      pending,
    };
  });
  return { starts, own: found.own };
}

async function readInserted(
  store: Store,
  symbol: ContractSymbol,
  signal: AbortSignal,
): Promise<{ lastSeq: number; lastTsRecvUs: number }> {
  let lastSeq = 0;
  let lastTsRecvUs = 0;
  for (const table of await listRowTables(store, toBase(symbol), signal)) {
    const watermark = await readWatermark(store, table, signal);
    lastSeq = Math.max(lastSeq, watermark.lastSeq);
    lastTsRecvUs = Math.max(lastTsRecvUs, watermark.lastTsRecvUs);
  }
  for (const record of await listExports(store, symbol, signal)) {
    if (record.verdict !== 'match') continue;
    lastSeq = Math.max(lastSeq, record.lastSeq);
    lastTsRecvUs = Math.max(lastTsRecvUs, record.epoch.endUs - 1);
  }
  return { lastSeq, lastTsRecvUs };
}

interface FoundSymbol {
  lastSeq: number;
  lastTsRecvUs: number;
  readonly pending: BlockLocation[];
}

interface Found {
  readonly symbols: ReadonlyMap<string, FoundSymbol>;
  readonly own: SpoolContents;
}

async function scanSpools(options: RecoverOptions, isPending: (base: string, lastSeq: number) => boolean): Promise<Found> {
  const own: SpoolContents = new Map();
  const symbols = new Map(
    options.symbols.map((symbol): [string, FoundSymbol] => [toBase(symbol), { lastSeq: 0, lastTsRecvUs: 0, pending: [] }]),
  );
  await mkdir(options.spools, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(options.spools, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const directory = join(options.spools, entry.name);
    const segments = await listSegments(directory);
    for (const segment of segments) {
      const isOwnLast = segment === segments.at(-1);
      const check = (header: { readonly base: string; readonly firstSeq: number; readonly rows: number }): boolean =>
        isOwnLast || isPending(header.base, lastSeqOf(header));
      for await (const found of scanSegment(segment, { last: isOwnLast, check })) {
        if (found.kind !== 'block') {
          if (directory === options.directory) await mend(found, options.telemetry);
          continue;
        }
        const { block } = found;
        if (directory === options.directory) noteContents(own, segment, block);
        const symbol = symbols.get(block.base);
        if (!symbol) continue;
        symbol.lastSeq = Math.max(symbol.lastSeq, lastSeqOf(block));
        symbol.lastTsRecvUs = Math.max(symbol.lastTsRecvUs, block.lastTsRecvUs);
        if (isPending(block.base, lastSeqOf(block))) symbol.pending.push(block);
      }
    }
  }
  return { symbols, own };
}

/** Cuts a torn tail; sets a copy of damaged bytes aside, once. The segment itself is left as it is: its good blocks count. */
async function mend(found: Exclude<Scanned, { kind: 'block' }>, telemetry: Telemetry): Promise<void> {
  if (found.kind === 'torn') {
    await truncate(found.segment, found.offset);
    telemetry.event('spool.torn', { segment: found.segment, offset: found.offset, droppedBytes: found.bytes });
    return;
  }
  const quarantine = join(dirname(found.segment), 'quarantine');
  await mkdir(quarantine, { recursive: true, mode: 0o700 });
  const file = join(quarantine, `${basename(found.segment)}.${found.offset}`);
  try {
    await writeFile(file, await readRange(found), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return; // set aside and told by an earlier start
    throw error;
  }
  telemetry.event('spool.quarantined', { segment: found.segment, offset: found.offset, bytes: found.bytes, file });
}

async function readRange({
  segment,
  offset,
  bytes,
}: {
  readonly segment: string;
  readonly offset: number;
  readonly bytes: number;
}): Promise<Buffer> {
  const file = await open(segment, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    await file.read(buffer, 0, bytes, offset);
    return buffer;
  } finally {
    await file.close();
  }
}
