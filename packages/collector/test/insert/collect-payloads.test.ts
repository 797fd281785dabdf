import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readRows, systemClock } from '@mexc-toolkit/core';
import { describe, test } from 'vitest';
import { collectPayloads } from '../../src/insert/collect-payloads.ts';
import type { QueuedBlock } from '../../src/insert/insert-queue.ts';
import type { LostRange } from '../../src/insert/tombstones.ts';
import { Spool } from '../../src/spool/spool.ts';
import { seqsOf, toBlock } from '../support/blocks.ts';
import { openTempDirectory } from '../support/temp-directory.ts';

/** Blocks on disk: `[first seq, rows]` each. */
async function queued(directory: string, ranges: readonly (readonly [number, number])[]): Promise<QueuedBlock[]> {
  await using spool = await Spool.open({
    directory,
    segmentBytes: 1_000_000,
    sync: 'never',
    clock: systemClock,
    existing: new Map(),
  });
  const spooled = await spool.append(ranges.map(([firstSeq, rows]) => toBlock('btc', firstSeq, rows)));
  return spooled.map(({ location }) => ({ location, payload: undefined }));
}

async function collect(
  batch: readonly QueuedBlock[],
  insertedSeq: number,
): Promise<{ seqs: number[]; rows: string[]; lost: (LostRange & { reason: string })[] }> {
  const lost: (LostRange & { reason: string })[] = [];
  const body = Buffer.concat(await collectPayloads(batch, insertedSeq, (range, reason) => lost.push({ ...range, reason })));
  return { seqs: seqsOf(body), rows: [...readRows(body)].map(({ m }) => m.toString()), lost };
}

describe('the body of an INSERT', () => {
  test('has each seq once when a block was queued twice, or overlaps what is in the table', async ({ expect }) => {
    using directory = openTempDirectory();
    const blocks = await queued(directory.path, [
      [1, 3],
      [1, 3],
      [4, 2],
      [2, 6],
      [8, 1],
    ]);
    expect(await collect(blocks, 0)).toMatchObject({ seqs: [1, 2, 3, 4, 5, 6, 7, 8], lost: [] });
    expect(await collect(blocks, 4)).toMatchObject({ seqs: [5, 6, 7, 8], lost: [] });
    expect(await collect(blocks, 8)).toMatchObject({ seqs: [], lost: [] });
  });

  test('has a tombstone for each row of a hole, and says so', async ({ expect }) => {
    using directory = openTempDirectory();
    const { seqs, rows, lost } = await collect(
      await queued(directory.path, [
        [1, 2],
        [5, 2],
      ]),
      0,
    );
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6]);
    expect(rows.slice(2, 4)).toEqual(Array(2).fill('{"mexc":"lost","reason":"spool damaged"}'));
    expect(lost).toEqual([{ firstSeq: 3, rows: 2, tsRecvUs: 1_000_005, reason: 'no readable block holds these rows' }]);
  });

  test('has tombstones for a block that the disk has damaged', async ({ expect }) => {
    using directory = openTempDirectory();
    const blocks = await queued(directory.path, [
      [1, 2],
      [3, 2],
      [5, 2],
    ]);
    const { segment, payloadOffset } = blocks[1]!.location;
    const bytes = readFileSync(segment);
    bytes[payloadOffset]! ^= 1;
    writeFileSync(segment, bytes);
    const { seqs, lost } = await collect(blocks, 0);
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6]);
    expect(lost).toMatchObject([{ firstSeq: 3, rows: 2 }]);
  });

  test('has tombstones for a segment that somebody removed', async ({ expect }) => {
    using directory = openTempDirectory();
    const blocks = await queued(directory.path, [
      [1, 2],
      [3, 1],
    ]);
    rmSync(blocks[0]!.location.segment);
    const { seqs, lost } = await collect(blocks, 1);
    expect(seqs).toEqual([2, 3]);
    expect(lost).toMatchObject([
      { firstSeq: 2, rows: 1, reason: expect.stringContaining('cannot be read') },
      { firstSeq: 3, rows: 1 },
    ]);
  });
});
