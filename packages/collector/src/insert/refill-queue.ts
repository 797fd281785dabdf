import { dirname } from 'node:path';
import { listSegments } from '../spool/segment-file.ts';
import { scanSegment } from '../spool/scan-segment.ts';
import type { InsertQueue, QueuedBlock } from './insert-queue.ts';

const REFILL_BLOCKS = 5000;

/**
 * Reads the next blocks of a backlog that is only in the spool back into the queue. Blocks that become durable meanwhile
 * are found too, because the queue adds none itself until it has caught up.
 */
export async function refillQueue(
  queue: InsertQueue,
  spool: { readonly directory: string; readonly base: string },
): Promise<void> {
  const from = queue.overflow;
  if (!from) return;
  const blocks: QueuedBlock[] = [];
  const segments = (await listSegments(dirname(from.segment))).filter((path) => path >= from.segment);
  const rowsBefore = queue.rows;
  for (const segment of segments) {
    const fromOffset = segment === from.segment ? from.offset : 0;
    for await (const found of scanSegment(segment, { last: true, check: () => false, fromOffset })) {
      if (found.kind !== 'block' || found.block.base !== spool.base) continue;
      if (blocks.length === REFILL_BLOCKS) {
        queue.refill(blocks, { segment: found.block.segment, offset: found.block.offset });
        return;
      }
      blocks.push({ location: found.block, payload: undefined });
    }
  }
  // Rows that were committed while this read are either in `blocks` or counted by the queue now: read once more if so.
  const caughtUp = blocks.reduce((rows, block) => rows + block.location.rows, 0) >= rowsBefore && queue.rows === rowsBefore;
  const last = blocks.at(-1)?.location;
  queue.refill(blocks, caughtUp || !last ? undefined : { segment: last.segment, offset: last.payloadOffset + last.payloadBytes });
}
