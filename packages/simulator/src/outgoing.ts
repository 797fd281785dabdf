import { encodeBytes, encodeText, type Opcode, type WireFrame } from './wire.ts';

/** A message on its way to one or more sessions. */
export interface Outgoing extends WireFrame {
  /** `row`: a recorder must store it. `control`: a pong or a successful ack. */
  readonly kind: 'row' | 'control';
  /** Whom the journal books it to; '' for a message that belongs to no symbol. */
  readonly symbol: string;
  readonly channel: string;
  /** What a recorder must store: the payload, or what a compressed payload unpacks to. */
  readonly content: Buffer;
}

interface Label {
  readonly symbol: string;
  readonly channel: string;
}

/** A text frame that is a row. */
export function toRow(text: string, { symbol, channel }: Label): Outgoing {
  const frame = encodeText(text);
  return { wire: frame.wire, payload: frame.payload, kind: 'row', symbol, channel, content: frame.payload };
}

/** A pong or an ack. */
export function toControl(text: string, channel: string): Outgoing {
  const frame = encodeText(text);
  return { ...frame, kind: 'control', symbol: '', channel, content: frame.payload };
}

/** Any bytes as a row; `content` when they are the compressed form of something. */
export function toRawRow(bytes: Uint8Array, label: Label & { readonly opcode: Opcode; readonly content?: Buffer }): Outgoing {
  const frame = encodeBytes(bytes, label.opcode);
  const { symbol, channel, content = frame.payload } = label;
  return { ...frame, kind: 'row', symbol, channel, content };
}
