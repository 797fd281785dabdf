import { MESSAGE_TYPE_CODE, MESSAGE_TYPES, type MessageType } from '../vocabulary/message-type.ts';

/**
 * One row of a table, in ClickHouse's RowBinary: Int64 ts (ms), Int8 mt, String m (LEB128 length, bytes),
 * Int64 ts_recv (µs), UInt64 seq; all little-endian. Rows follow each other with nothing between, so payloads can be joined.
 * Bytes of `m` are copied as they came: no escaping, hence I2 holds by construction.
 */
export interface Row {
  /** Venue time, milliseconds. */
  readonly tsMs: number;
  readonly mt: MessageType;
  /** The frame, verbatim. */
  readonly m: Uint8Array;
  /** Receive time, microseconds. */
  readonly tsRecvUs: number;
  readonly seq: number;
}

/** Columns in the order of the payload, for `INSERT INTO t (…) FORMAT RowBinary`. */
export const ROW_COLUMNS = 'ts, mt, m, ts_recv, seq';

const FIXED_BYTES = 8 + 1 + 8 + 8;
const TWO_32 = 4_294_967_296;

/** Bytes that {@link writeRow} needs for a frame of `frameBytes`. */
export function rowBytes(frameBytes: number): number {
  let lengthBytes = 1;
  for (let rest = frameBytes; rest >= 128; rest = Math.floor(rest / 128)) lengthBytes += 1;
  return FIXED_BYTES + lengthBytes + frameBytes;
}

/** Writes `row` at `offset` of `target`, which must have room; returns the offset after it. */
export function writeRow(target: Buffer, offset: number, row: Row): number {
  let at = writeUint64(target, offset, row.tsMs);
  target[at] = MESSAGE_TYPE_CODE[row.mt];
  at += 1;
  let rest = row.m.length;
  while (rest >= 128) {
    target[at] = (rest & 127) | 128;
    at += 1;
    rest = Math.floor(rest / 128);
  }
  target[at] = rest;
  at += 1;
  target.set(row.m, at);
  at += row.m.length;
  at = writeUint64(target, at, row.tsRecvUs);
  return writeUint64(target, at, row.seq);
}

/**
 * Rows of a payload in order; `m` is a view into it.
 *
 * @throws {RangeError} when the payload ends inside a row or holds an unknown `mt`; a block with a good CRC never does.
 */
export function* readRows(payload: Buffer): Generator<Row & { readonly endOffset: number }> {
  let at = 0;
  while (at < payload.length) {
    const tsMs = readUint64(payload, at);
    const mt = MESSAGE_TYPES[payload.readInt8(at + 8) - 1];
    at += 9;
    let length = 0;
    let factor = 1;
    for (;;) {
      const byte = payload.readUInt8(at);
      at += 1;
      length += (byte & 127) * factor;
      if (byte < 128) break;
      factor *= 128;
    }
    if (mt === undefined || at + length + 16 > payload.length) throw new RangeError(`payload is not RowBinary at byte ${at}`);
    const m = payload.subarray(at, at + length);
    at += length;
    const tsRecvUs = readUint64(payload, at);
    const seq = readUint64(payload, at + 8);
    at += 16;
    yield { tsMs, mt, m, tsRecvUs, seq, endOffset: at };
  }
}

/** Unsigned 64-bit little-endian of a safe integer ≥ 0, without BigInt. */
export function writeUint64(target: Buffer, offset: number, value: number): number {
  const high = Math.floor(value / TWO_32);
  target.writeUInt32LE(value - high * TWO_32, offset); // not `value % TWO_32`, which is slow on doubles
  target.writeUInt32LE(high, offset + 4);
  return offset + 8;
}

export function readUint64(source: Buffer, offset: number): number {
  return source.readUInt32LE(offset + 4) * TWO_32 + source.readUInt32LE(offset);
}
