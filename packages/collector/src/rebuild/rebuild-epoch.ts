import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CaptureError,
  createRowTable,
  insertPayloads,
  readRows,
  tableName,
  toBase,
  type ContractSymbol,
  type Epoch,
  type HomePaths,
  type Store,
} from '@mexc-toolkit/core';
import { readPayload } from '../spool/read-payload.ts';
import { scanSegment, type BlockLocation } from '../spool/scan-segment.ts';
import { listSegments } from '../spool/segment-file.ts';

export interface RebuildOptions {
  readonly symbol: ContractSymbol;
  readonly epoch: Epoch;
  readonly paths: HomePaths;
  readonly store: Store;
  /** Scratch table that is filled; made anew. */
  readonly table: string;
  /** What the epoch must hold, when its manifest or table told it. */
  readonly expected: { readonly firstSeq: number; readonly lastSeq: number } | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: (rows: number) => void;
}

export interface RebuiltEpoch {
  readonly rows: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

const INSERT_BYTES = 4 * 1024 * 1024;

/**
 * Fills a scratch table with the rows of an epoch from the spool, because StripeLog is not trusted
 * (docs/adr/0003-stripelog-is-not-trusted.md). Replaces nothing: that is for the caller, once this has resolved.
 *
 * @throws {CaptureError} `REBUILD_INCOMPLETE` when the spool lacks a row; `STORE_*`
 */
export async function rebuildEpoch(options: RebuildOptions): Promise<RebuiltEpoch> {
  const { store, table, signal, symbol } = options;
  await store.command(`DROP TABLE IF EXISTS ${tableName(store.database, table)} SYNC`, { signal });
  await createRowTable(store, table, signal);
  let firstSeq = 0;
  let lastSeq = 0;
  let batch: Buffer[] = [];
  let batchBytes = 0;
  const send = async (): Promise<void> => {
    if (batch.length > 0)
      await insertPayloads(store, table, { payloads: batch, queryId: `mexc-rebuild:${randomUUID()}`, signal });
    options.onProgress?.(lastSeq === 0 ? 0 : lastSeq - firstSeq + 1);
    batch = [];
    batchBytes = 0;
  };
  for (const block of await findBlocks(options)) {
    const payload = cut(await readPayload(block), { epoch: options.epoch, afterSeq: lastSeq });
    if (payload.rows === 0) continue;
    if (lastSeq !== 0 && payload.firstSeq !== lastSeq + 1)
      throw incomplete(symbol, `seqs ${lastSeq + 1}..${payload.firstSeq - 1} are not in the spool`);
    firstSeq ||= payload.firstSeq;
    lastSeq = payload.firstSeq + payload.rows - 1;
    batch.push(payload.bytes);
    batchBytes += payload.bytes.length;
    if (batchBytes >= INSERT_BYTES) await send();
  }
  await send();
  const { expected } = options;
  if (expected && (expected.firstSeq !== firstSeq || expected.lastSeq !== lastSeq)) {
    throw incomplete(
      symbol,
      `the spool has seqs ${firstSeq}..${lastSeq} of it, but it held ${expected.firstSeq}..${expected.lastSeq}`,
    );
  }
  if (lastSeq === 0) throw incomplete(symbol, 'the spool has no row of it');
  return { rows: lastSeq - firstSeq + 1, firstSeq, lastSeq };
}

/** Blocks of the symbol that touch the epoch, from every spool of the home, in seq order. */
async function findBlocks({ symbol, epoch, paths }: RebuildOptions): Promise<BlockLocation[]> {
  const base = toBase(symbol);
  const blocks: BlockLocation[] = [];
  const entries = await readdir(paths.spools, { withFileTypes: true }).catch(() => []); // no spool at all: nothing is found
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    for (const segment of await listSegments(join(paths.spools, entry.name))) {
      for await (const found of scanSegment(segment, { last: true, check: () => false })) {
        if (found.kind === 'block' && found.block.base === base && touches(found.block, epoch)) blocks.push(found.block);
      }
    }
  }
  return blocks.toSorted((a, b) => a.firstSeq - b.firstSeq);
}

const touches = (block: BlockLocation, epoch: Epoch): boolean =>
  block.firstTsRecvUs < epoch.endUs && block.lastTsRecvUs >= epoch.startUs;

/** The rows of a payload that are in the epoch and come after `afterSeq`. */
function cut(
  payload: Buffer,
  wanted: { readonly epoch: Epoch; readonly afterSeq: number },
): { readonly bytes: Buffer; readonly firstSeq: number; readonly rows: number } {
  let from = 0;
  let to = 0;
  let at = 0;
  let firstSeq = 0;
  let rows = 0;
  for (const row of readRows(payload)) {
    const isWanted = row.seq > wanted.afterSeq && row.tsRecvUs >= wanted.epoch.startUs && row.tsRecvUs < wanted.epoch.endUs;
    if (isWanted) {
      if (rows === 0) {
        from = at;
        firstSeq = row.seq;
      }
      rows += 1;
      to = row.endOffset;
    }
    at = row.endOffset;
  }
  return { bytes: payload.subarray(from, to), firstSeq, rows };
}

const incomplete = (symbol: ContractSymbol, why: string): CaptureError =>
  new CaptureError('REBUILD_INCOMPLETE', `the epoch of ${symbol} cannot be rebuilt: ${why}`, { context: { symbol } });
