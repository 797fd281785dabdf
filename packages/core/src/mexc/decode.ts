import { isUtf8 } from 'node:buffer';
import type { MessageType } from '../vocabulary/message-type.ts';
import { scanFrame } from './scan-frame.ts';

/** What a frame is. `row` frames become exactly one row each (I1); `pong` and `ack` become none. */
export type DecodedFrame = { readonly kind: 'pong' } | { readonly kind: 'ack'; readonly method: string } | RowFrame;

export interface RowFrame {
  readonly kind: 'row';
  readonly mt: MessageType;
  /** The venue's exact string; '' when the frame cannot be parsed. */
  readonly channel: string;
  /** As the venue wrote it, not validated; undefined when the frame names none. */
  readonly symbol: string | undefined;
  /** Venue time, ms; undefined when the frame has none that can be used. */
  readonly tsMs: number | undefined;
  /** Text of an `rs.error`; '' when it holds none. */
  readonly error: string | undefined;
  /** Version range of a `push.depth` frame; undefined for all others (docs/protocol.md §5.2). */
  readonly versions: { readonly begin: number; readonly end: number } | undefined;
}

const TYPES: Readonly<Record<string, MessageType>> = {
  'push.ticker': 't',
  'push.deal': 'd',
  'push.depth': 'dp',
  'push.depth.full': 'dp',
  'push.depth.step': 'dp',
};

const UNPARSED: RowFrame = {
  kind: 'row',
  mt: 'dl',
  channel: '',
  symbol: undefined,
  tsMs: undefined,
  error: undefined,
  versions: undefined,
};

/**
 * Reads one text frame. Total: any bytes give an outcome, never an exception. What cannot be parsed, is no object, or has
 * an unknown channel, is a row of type `dl` (I1).
 */
export function decodeFrame(frame: Buffer): DecodedFrame {
  return decodeUsual(frame) ?? decodeAny(frame);
}

/** Frames of the usual kind, nearly all: the same outcome as {@link decodeAny}, for a third of the time. */
function decodeUsual(frame: Buffer): RowFrame | undefined {
  const scanned = scanFrame(frame);
  if (!scanned) return undefined;
  const { channel, symbol } = scanned;
  const mt = Object.hasOwn(TYPES, channel) ? TYPES[channel] : undefined;
  const tsMs = toTimeMs(scanned.ts);
  const isDepth = channel === 'push.depth';
  if (mt === undefined || tsMs === undefined || (isDepth && scanned.isVersionOdd)) return undefined;
  return { kind: 'row', mt, channel, symbol, tsMs, error: undefined, versions: isDepth ? toVersions(scanned) : undefined };
}

/** Any frame. Exported for the proof that {@link decodeFrame} is no different. */
export function decodeAny(frame: Buffer): DecodedFrame {
  let value: unknown;
  try {
    value = JSON.parse(frame.toString('utf8'));
  } catch {
    return UNPARSED; // not JSON: kept as a dead letter, counted by the lane
  }
  if (!isRecord(value)) return UNPARSED;
  const channel = typeof value['channel'] === 'string' ? value['channel'] : '';
  if (channel === 'pong') return { kind: 'pong' };
  const data = value['data'];
  if (data === 'success' && channel.startsWith('rs.') && channel !== 'rs.error')
    return { kind: 'ack', method: channel.slice('rs.'.length) };
  const fields = isRecord(data) ? data : undefined;
  return {
    kind: 'row',
    mt: Object.hasOwn(TYPES, channel) ? (TYPES[channel] ?? 'dl') : 'dl',
    channel,
    symbol: typeof value['symbol'] === 'string' ? value['symbol'] : undefined,
    tsMs: toTimeMs(value['ts']) ?? toTimeMs(fields?.['cts']) ?? toTimeMs(fields?.['timestamp']) ?? toTimeMs(fields?.['ct']),
    error: channel === 'rs.error' ? (typeof data === 'string' ? data : '') : undefined,
    versions: channel === 'push.depth' && fields ? toVersions(fields) : undefined,
  };
}

/** Whether the bytes may be stored as text: a text frame that is not UTF-8 is wrapped instead (see {@link wrapBytes}). */
export const isText = (frame: Buffer): boolean => isUtf8(frame);

/**
 * A frame that is not text, as text without loss: base64 in a small JSON object that names the reason. The row is a `dl`.
 */
export function wrapBytes(frame: Buffer, reason: 'binary' | 'invalid-utf8'): Buffer {
  return Buffer.from(`{"mexc":"bytes","reason":"${reason}","base64":"${frame.toString('base64')}"}`, 'latin1');
}

/** The contract that an `rs.error` says does not exist (docs/protocol.md §3: the symbol is only in the text). */
export function toUnknownContract(error: string): string | undefined {
  return /^Contract \[(.+)\] not exists$/.exec(error)?.[1];
}

/** DateTime64(3) ends in 2299; a number outside 0…that, or no whole number, is no time. */
const MAX_TS_MS = 10_413_791_999_999;

function toTimeMs(value: unknown): number | undefined {
  const ms = typeof value === 'string' && /^\d{1,14}$/.test(value) ? Number(value) : value;
  return typeof ms === 'number' && Number.isInteger(ms) && ms > 0 && ms <= MAX_TS_MS ? ms : undefined;
}

interface VersionFields {
  readonly version?: unknown;
  readonly begin?: unknown;
  readonly end?: unknown;
}

/** begin/end may be missing, null or 0: both are then `version`; without one it is `end` (docs/protocol.md §5.2). */
function toVersions(data: VersionFields): { begin: number; end: number } | undefined {
  const version = toVersion(data.version);
  const end = toVersion(data.end) ?? version;
  const begin = toVersion(data.begin) ?? version ?? end;
  return begin === undefined || end === undefined ? undefined : { begin, end };
}

const toVersion = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
