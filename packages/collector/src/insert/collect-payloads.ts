import { CaptureError, readRows } from '@mexc-toolkit/core';
import { readPayload } from '../spool/read-payload.ts';
import { lastSeqOf, type QueuedBlock } from './insert-queue.ts';
import { toTombstones, type LostRange } from './tombstones.ts';

/**
 * The bytes of one INSERT: the rows of `batch` after `insertedSeq`, each seq once, in order. Blocks that are queued twice
 * are sent once; a block that the disk has damaged, and seqs that no block holds, become tombstones and are reported.
 */
export async function collectPayloads(
  batch: readonly QueuedBlock[],
  insertedSeq: number,
  onLost: (lost: LostRange, reason: string) => void,
): Promise<Buffer[]> {
  const payloads: Buffer[] = [];
  let covered = insertedSeq;
  const lose = (firstSeq: number, location: { readonly rows: number; readonly firstTsRecvUs: number }, reason: string): void => {
    const lost = { firstSeq, rows: location.rows, tsRecvUs: location.firstTsRecvUs };
    onLost(lost, reason);
    payloads.push(toTombstones(lost));
  };
  for (const { location, payload } of batch) {
    const lastSeq = lastSeqOf(location);
    if (lastSeq <= covered) continue;
    if (location.firstSeq > covered + 1) {
      lose(
        covered + 1,
        { rows: location.firstSeq - covered - 1, firstTsRecvUs: location.firstTsRecvUs },
        'no readable block holds these rows',
      );
      covered = location.firstSeq - 1;
    }
    try {
      const whole = payload ?? (await readPayload(location));
      payloads.push(location.firstSeq > covered ? whole : rowsAfter(whole, covered));
    } catch (error) {
      if (!CaptureError.is(error, 'SPOOL_DAMAGED')) throw error;
      lose(covered + 1, { rows: lastSeq - covered, firstTsRecvUs: location.firstTsRecvUs }, error.message);
    }
    covered = lastSeq;
  }
  return payloads;
}

/** The rows of a payload with a seq above `seq`; rows lie in seq order. */
function rowsAfter(payload: Buffer, seq: number): Buffer {
  let from = 0;
  for (const row of readRows(payload)) {
    if (row.seq > seq) break;
    from = row.endOffset;
  }
  return payload.subarray(from);
}
