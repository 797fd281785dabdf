import { gunzipSync } from 'node:zlib';
import { isText, wrapBytes } from '@mexc-toolkit/core';

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/**
 * The text that a row keeps of a message (I2): a text frame as it is; a binary frame gunzipped if it is gzip of text
 * (docs/protocol.md §2); anything else wrapped as base64 without loss.
 */
export function toText(frame: Buffer, isBinary: boolean, maxBytes: number): Buffer {
  if (!isBinary) return isText(frame) ? frame : wrapBytes(frame, 'invalid-utf8');
  if (frame.subarray(0, 2).equals(GZIP_MAGIC)) {
    try {
      const text = gunzipSync(frame, { maxOutputLength: maxBytes });
      if (isText(text)) return text;
    } catch {
      // not gzip after all, or a bomb: kept as the bytes that came
    }
  }
  return wrapBytes(frame, 'binary');
}
