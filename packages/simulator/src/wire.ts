/** A message ready for the socket: unmasked and unfragmented (RFC 6455 §5.2), encoded once for all its receivers. */
export interface WireFrame {
  /** Header and payload. */
  readonly wire: Buffer;
  /** The payload alone: what a client receives. A view of `wire`. */
  readonly payload: Buffer;
}

export type Opcode = 'text' | 'binary';

const OPCODE: Readonly<Record<Opcode, number>> = { text: 0x81, binary: 0x82 };

/** Encodes a text message. */
export function encodeText(text: string): WireFrame {
  const length = Buffer.byteLength(text);
  const { wire, offset } = allocate('text', length);
  wire.write(text, offset, 'utf8');
  return { wire, payload: wire.subarray(offset) };
}

/** Encodes any bytes; with `text` they need not be valid UTF-8, which a strict client answers with close code 1007. */
export function encodeBytes(bytes: Uint8Array, opcode: Opcode): WireFrame {
  const { wire, offset } = allocate(opcode, bytes.length);
  wire.set(bytes, offset);
  return { wire, payload: wire.subarray(offset) };
}

function allocate(opcode: Opcode, length: number): { wire: Buffer; offset: number } {
  const offset = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const wire = Buffer.allocUnsafe(offset + length);
  wire[0] = OPCODE[opcode];
  if (length < 126) {
    wire[1] = length;
  } else if (length < 65_536) {
    wire[1] = 126;
    wire.writeUInt16BE(length, 2);
  } else {
    wire[1] = 127;
    wire.writeBigUInt64BE(BigInt(length), 2);
  }
  return { wire, offset };
}
