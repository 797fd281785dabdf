import { open } from 'node:fs/promises';
import { CaptureError, isPayloadOf } from '@mexc-toolkit/core';
import type { BlockLocation } from './scan-segment.ts';

/**
 * Reads a block's payload back from disk and checks it.
 *
 * @throws {CaptureError} `SPOOL_DAMAGED` when it is not the payload that was written.
 */
export async function readPayload(block: BlockLocation): Promise<Buffer> {
  const file = await open(block.segment, 'r').catch((error: unknown) => {
    if (isLost(error)) throw damaged(block, error);
    throw error;
  });
  try {
    const payload = Buffer.allocUnsafe(block.payloadBytes);
    let filled = 0;
    while (filled < payload.length) {
      const { bytesRead } = await file.read(payload, filled, payload.length - filled, block.payloadOffset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled === payload.length && isPayloadOf(block, payload)) return payload;
  } catch (error) {
    if (!isLost(error)) throw error;
    throw damaged(block, error);
  } finally {
    await file.close();
  }
  throw damaged(block);
}

/** The file is gone or the disk cannot read it: asking again would not help. */
const isLost = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EIO');

function damaged({ base, offset, segment, firstSeq, rows }: BlockLocation, cause?: unknown): CaptureError {
  const why = cause === undefined ? 'does not match its checksum' : 'cannot be read';
  return new CaptureError('SPOOL_DAMAGED', `block of ${base} at byte ${offset} of ${segment} ${why}`, {
    cause,
    context: { segment, offset, firstSeq, rows },
  });
}
