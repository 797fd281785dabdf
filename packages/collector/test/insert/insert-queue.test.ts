import { systemClock } from '@mexc-toolkit/core';
import { describe, test } from 'vitest';
import { InsertQueue, lastSeqOf, queueRecovered, type QueuedBlock } from '../../src/insert/insert-queue.ts';
import { refillQueue } from '../../src/insert/refill-queue.ts';
import type { BlockLocation } from '../../src/spool/scan-segment.ts';
import { Spool } from '../../src/spool/spool.ts';
import { toBlock } from '../support/blocks.ts';
import { openTempDirectory } from '../support/temp-directory.ts';

const at = (firstSeq: number, rows: number, more: Partial<BlockLocation> = {}): QueuedBlock => {
  const { payload: _, ...block } = toBlock('btc', firstSeq, rows);
  return {
    location: {
      ...block,
      payloadBytes: 100,
      payloadCrc: 0,
      segment: '/s/segment-000000000001.spool',
      offset: firstSeq,
      payloadOffset: 0,
      ...more,
    },
    payload: undefined,
  };
};
const taken = (blocks: readonly QueuedBlock[]): number[] => blocks.map(({ location }) => location.firstSeq);

describe('an insert queue', () => {
  test('gives blocks in order, up to so many bytes, and keeps them until they are dropped', ({ expect }) => {
    const queue = new InsertQueue(10);
    for (const firstSeq of [1, 11, 21]) expect(queue.push(at(firstSeq, 10))).toBe(true);
    expect(taken(queue.peek(250))).toEqual([1, 11]);
    expect(taken(queue.peek(1))).toEqual([1]);
    expect(queue.rows).toBe(30);
    expect(taken(queue.dropThrough(15))).toEqual([1]);
    expect(taken(queue.peek(1000))).toEqual([11, 21]);
    expect(taken(queue.dropThrough(30))).toEqual([11, 21]);
    expect(queue.peek(1000)).toEqual([]);
    expect(queue.rows).toBe(0);
  });

  test('holds back what lies at or after the boundary, and knows what lies before it', ({ expect }) => {
    const queue = new InsertQueue(10);
    queue.push(at(1, 5));
    queue.push(at(6, 5));
    queue.holdFromUs = 1_000_006;
    expect(taken(queue.peek(1000))).toEqual([1]);
    expect(queue.hasBefore(1_000_006)).toBe(true);
    queue.dropThrough(5);
    expect(queue.hasBefore(1_000_006)).toBe(false);
    expect(queue.peek(1000)).toEqual([]);
    queue.holdFromUs = undefined;
    expect(taken(queue.peek(1000))).toEqual([6]);
  });

  test('stays short when it runs for long', ({ expect }) => {
    const queue = new InsertQueue(10);
    for (let seq = 1; seq <= 10_000; seq += 1) {
      queue.push(at(seq, 1));
      expect(taken(queue.peek(100))).toEqual([seq]);
      expect(queue.dropThrough(seq)).toHaveLength(1);
    }
    expect(queue.rows).toBe(0);
  });
});

describe('a backlog that is longer than the queue', () => {
  test('is read back from the spool whole, in order, also what comes while it is read', async ({ expect }) => {
    using directory = openTempDirectory();
    await using spool = await Spool.open({
      directory: directory.path,
      segmentBytes: 5000,
      sync: 'never',
      clock: systemClock,
      existing: new Map(),
    });
    const queue = new InsertQueue(4);
    let nextSeq = 1;
    const append = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) {
        const rows = 1 + (nextSeq % 3);
        const [, block] = await spool.append([toBlock('eth', 1, 1), toBlock('btc', nextSeq, rows)]);
        queue.push({ location: block!.location, payload: undefined });
        nextSeq += rows;
      }
    };
    await append(300);
    expect(queue.overflow).toBeDefined();
    let inserted = 0;
    for (let turn = 0; inserted < nextSeq - 1; turn += 1) {
      if (queue.needsRefill) {
        const refilled = new AbortController();
        const refilling = refillQueue(queue, 'btc').then(() => refilled.abort());
        if (turn >= 40) refilled.abort();
        while (!refilled.signal.aborted) await append(1);
        await refilling;
      }
      for (const { location } of queue.peek(300)) {
        expect(location.firstSeq).toBeLessThanOrEqual(inserted + 1);
        inserted = Math.max(inserted, lastSeqOf(location));
      }
      queue.dropThrough(inserted);
      if (turn < 40) await append(2);
      if (turn > 5000) throw new Error(`stuck at ${inserted} of ${nextSeq - 1}`);
    }
    expect(queue.rows).toBe(0);
    expect(queue.overflow).toBeUndefined();
  });

  test('of a symbol that was in another lane is kept in mind, because it lies in two directories', ({ expect }) => {
    const blocks = Array.from(
      { length: 50 },
      (_, index) => at(index + 1, 1, { segment: `/${index < 25 ? 'a' : 'b'}/segment-000000000001.spool` }).location,
    );
    const queue = new InsertQueue(10);
    queueRecovered(queue, blocks);
    expect(queue.overflow).toBeUndefined();
    expect(taken(queue.peek(1e9))).toHaveLength(50);
    const bounded = new InsertQueue(10);
    queueRecovered(bounded, blocks.slice(0, 25));
    expect(bounded.overflow).toMatchObject({ offset: 11 });
    expect(bounded.rows).toBe(25);
  });
});
