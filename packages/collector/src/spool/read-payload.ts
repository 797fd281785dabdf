import { open } from 'node:fs/promises';
import { CaptureError, isPayloadOf } from '@mexc-toolkit/core';
import type { BlockLocation } from './scan-segment.ts';

/**
 * Reads a block's payload back from disk and checks it.
 *
 * @throws {CaptureError} `SPOOL_DAMAGED` when it is not the payload that was written.
 */
export async function readPayload(block: BlockLocation): Promise<Buffer> {
  const file = await open(block.segment, 'r');
  try {
    const payload = Buffer.allocUnsafe(block.payloadBytes);
    let filled = 0;
    while (filled < payload.length) {
      const { bytesRead } = await file.read(payload, filled, payload.length - filled, block.payloadOffset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled === payload.length && isPayloadOf(block, payload)) return payload;
  } finally {
    await file.close();
  }
  throw new CaptureError(
    'SPOOL_DAMAGED',
    `block of ${block.base} at byte ${block.offset} of ${block.segment} does not match its checksum`,
    {
      context: { segment: block.segment, offset: block.offset, firstSeq: block.firstSeq, rows: block.rows },
    },
  );
}
