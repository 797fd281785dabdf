import { crc32 } from 'node:zlib';
import { readUint64, writeUint64 } from './row-binary.ts';

/**
 * Spool block, the unit that is made durable, inserted and accounted. Layout, little-endian:
 *
 * | bytes | what |
 * |---|---|
 * | 0–3 | magic `mxsp` |
 * | 4–5 | format version |
 * | 6–7 | length of base, B |
 * | 8–15 | first seq |
 * | 16–19 | rows |
 * | 20–23 | payload bytes, P |
 * | 24–31 | ts_recv of the first row, µs |
 * | 32–39 | ts_recv of the last row, µs |
 * | 40–43 | CRC32 of the payload |
 * | 44–47 | CRC32 of bytes 0–43 and the base |
 * | 48… | base (B bytes of ASCII), then P bytes of RowBinary (row-binary.ts) |
 *
 * Version history: 1 (2026-11) first.
 */
export const BLOCK_VERSION = 1;

/** What a block's header says. Rows of a block have consecutive seqs and increasing ts_recv. */
export interface BlockHeader {
  readonly base: string;
  readonly firstSeq: number;
  readonly rows: number;
  readonly payloadBytes: number;
  readonly firstTsRecvUs: number;
  readonly lastTsRecvUs: number;
  readonly payloadCrc: number;
}

export const BLOCK_FIXED_BYTES = 48;
/** Where the payload's CRC32 stands in a header. */
export const BLOCK_CRC_OFFSET = 40;
export const BLOCK_MAGIC = Buffer.from('mxsp', 'latin1');
const BASE_MAX_BYTES = 64;

/** Bytes of a header, base included. */
export const headerBytes = (header: { readonly base: string }): number => BLOCK_FIXED_BYTES + header.base.length;

/** Header of `payload`, ready to be written before it. */
export function encodeBlockHeader(block: Omit<BlockHeader, 'payloadCrc' | 'payloadBytes'>, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(headerBytes(block));
  BLOCK_MAGIC.copy(header);
  header.writeUInt16LE(BLOCK_VERSION, 4);
  header.writeUInt16LE(block.base.length, 6);
  writeUint64(header, 8, block.firstSeq);
  header.writeUInt32LE(block.rows, 16);
  header.writeUInt32LE(payload.length, 20);
  writeUint64(header, 24, block.firstTsRecvUs);
  writeUint64(header, 32, block.lastTsRecvUs);
  header.writeUInt32LE(crc32(payload), BLOCK_CRC_OFFSET);
  header.write(block.base, BLOCK_FIXED_BYTES, 'latin1');
  header.writeUInt32LE(headerCrc(header), 44);
  return header;
}

/** Outcome of looking for a header at an offset. `short`: the bytes end before the header does. */
export type HeaderRead =
  | { readonly kind: 'header'; readonly header: BlockHeader }
  | { readonly kind: 'short' }
  | { readonly kind: 'invalid' };

/** Reads the header at `offset` of `source`. Total: any bytes give one of the three outcomes. */
export function readBlockHeader(source: Buffer, offset: number): HeaderRead {
  const available = source.length - offset;
  const magic = source.subarray(offset, offset + Math.min(4, available));
  if (!magic.equals(BLOCK_MAGIC.subarray(0, magic.length))) return { kind: 'invalid' };
  if (available < BLOCK_FIXED_BYTES) return { kind: 'short' };
  const baseBytes = source.readUInt16LE(offset + 6);
  if (source.readUInt16LE(offset + 4) !== BLOCK_VERSION || baseBytes === 0 || baseBytes > BASE_MAX_BYTES)
    return { kind: 'invalid' };
  if (available < BLOCK_FIXED_BYTES + baseBytes) return { kind: 'short' };
  const bytes = source.subarray(offset, offset + BLOCK_FIXED_BYTES + baseBytes);
  if (headerCrc(bytes) !== bytes.readUInt32LE(44)) return { kind: 'invalid' };
  return {
    kind: 'header',
    header: {
      base: bytes.toString('latin1', BLOCK_FIXED_BYTES),
      firstSeq: readUint64(bytes, 8),
      rows: bytes.readUInt32LE(16),
      payloadBytes: bytes.readUInt32LE(20),
      firstTsRecvUs: readUint64(bytes, 24),
      lastTsRecvUs: readUint64(bytes, 32),
      payloadCrc: bytes.readUInt32LE(BLOCK_CRC_OFFSET),
    },
  };
}

/** Whether `payload` is the one that the header was written for. */
export const isPayloadOf = (header: BlockHeader, payload: Uint8Array): boolean =>
  payload.length === header.payloadBytes && crc32(payload) === header.payloadCrc;

function headerCrc(header: Buffer): number {
  return crc32(header.subarray(BLOCK_FIXED_BYTES), crc32(header.subarray(0, 44)));
}
