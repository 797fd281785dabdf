import { dirname } from 'node:path';
import { listSegments } from '../spool/segment-file.ts';
import { scanSegment } from '../spool/scan-segment.ts';
import { lastSeqOf, type InsertQueue, type QueuedBlock } from './insert-queue.ts';

const REFILL_BLOCKS = 5000;

/**
 * Reads the next blocks of a backlog that is only in the spool back into the queue. Blocks that become durable meanwhile
 * are found too, because the queue adds none itself until it has caught up.
 */
export async function refillQueue(queue: InsertQueue, base: string): Promise<void> {
  const from = queue.overflow;
  if (!from) return;
  const blocks: QueuedBlock[] = [];
  const lastSeqBefore = queue.lastSeq;
  const segments = (await listSegments(dirname(from.segment))).filter((path) => path >= from.segment);
  for (const segment of segments) {
    const fromOffset = segment === from.segment ? from.offset : 0;
    for await (const found of scanSegment(segment, { last: true, check: () => false, fromOffset })) {
      if (found.kind !== 'block' || found.block.base !== base) continue;
      if (blocks.length === REFILL_BLOCKS) {
        queue.refill(blocks, { segment: found.block.segment, offset: found.block.offset });
        return;
      }
      blocks.push({ location: found.block, payload: undefined });
    }
  }
  const last = blocks.at(-1)?.location;
  const hasAll = last !== undefined && lastSeqOf(last) >= queue.lastSeq;
  // Everything queued before this read is durable, so what it did not find is damaged: only newer rows are worth another read.
  if (hasAll || queue.lastSeq === lastSeqBefore) queue.refill(blocks, undefined);
  else queue.refill(blocks, last ? { segment: last.segment, offset: last.payloadOffset + last.payloadBytes } : from);
}
