import { randomBytes } from 'node:crypto';
import { CaptureError } from '@mexc-toolkit/core';
import { toDepthFullFrame } from '../frames/depth.ts';
import { toRawRow } from '../outgoing.ts';
import type { Session } from '../session.ts';
import { encodeText } from '../wire.ts';
import { MS_RANGE, takeFeed, takeSessions, type FaultContext, type FaultEntry } from './context.ts';
import type { RequestFields } from '../request-fields.ts';

/** The longest message that `raw` makes. */
const MAX_RAW_BYTES = 2 ** 26;

/** What a close frame has room for (RFC 6455 §5.5). */
const MAX_REASON_BYTES = 123;

/** Faults that hit sessions at once. */
export const SESSION_FAULTS: Readonly<Record<string, FaultEntry>> = {
  'stall-session': (fields, context) => {
    const resumeAt = takeDeadline(fields, context);
    const sessions = takeSessions(fields, context);
    return () =>
      each(sessions, (session) => {
        session.stalled = true;
        session.resumeAt = resumeAt;
        session.holdReading();
      });
  },
  'resume-session': (fields, context) => {
    const sessions = takeSessions(fields, context);
    return () => each(sessions, (session) => session.resume());
  },
  'hold-reading': (fields, context) => {
    const resumeAt = takeDeadline(fields, context);
    const sessions = takeSessions(fields, context);
    return () =>
      each(sessions, (session) => {
        session.resumeAt = resumeAt;
        session.holdReading();
      });
  },
  'hold-writing': (fields, context) => {
    const resumeAt = takeDeadline(fields, context);
    const sessions = takeSessions(fields, context);
    return () =>
      each(sessions, (session) => {
        session.resumeAt = resumeAt;
        session.holdWriting(true);
      });
  },
  close: (fields, context) => {
    const code = fields.optionalInteger('code', { min: 1000, max: 4999 }) ?? 1000;
    const reason = fields.optionalText('reason') ?? '';
    if ([1004, 1005, 1006].includes(code) || (code > 1014 && code < 3000)) {
      throw new CaptureError('USAGE_INVALID', `close: ${code} cannot be sent in a close frame`);
    }
    if (Buffer.byteLength(reason) > MAX_REASON_BYTES) {
      throw new CaptureError('USAGE_INVALID', `close: the reason is longer than ${MAX_REASON_BYTES} bytes`);
    }
    const sessions = takeSessions(fields, context);
    return () => each(sessions, (session) => session.close(code, reason));
  },
  terminate: (fields, context) => {
    const reset = fields.optionalFlag('reset') ?? false;
    const sessions = takeSessions(fields, context);
    return () => each(sessions, (session) => (reset ? session.reset() : session.terminate()));
  },
  'half-frame': (fields, context) => {
    const id = fields.optionalInteger('session', { min: 1, max: Number.MAX_SAFE_INTEGER });
    const feed = takeFeed(fields, context);
    const { wire } = encodeText(toDepthFullFrame(feed.market, 20, Math.floor(context.exchange.options.clock.now())));
    const sessions = feed.streams.allSessions().filter((session) => id === undefined || session.id === id);
    return () =>
      each(sessions, (session) => {
        session.sendFragment(wire.subarray(0, wire.length >>> 1));
        session.resetAfterFlush();
      });
  },
  raw: (fields, context) => {
    const feed = takeFeed(fields, context);
    const text = fields.optionalText('text');
    const base64 = fields.optionalText('base64');
    const binary = fields.optionalFlag('binary') ?? false;
    const once = Buffer.from(text ?? base64 ?? '', text === undefined ? 'base64' : 'utf8');
    const most = Math.max(1, Math.floor(MAX_RAW_BYTES / Math.max(1, once.length)));
    const repeat = fields.optionalInteger('repeat', { min: 1, max: most }) ?? 1;
    const bytes = Buffer.alloc(once.length * repeat, once);
    return () => sendRaw(feed.streams.allSessions(), { symbol: feed.contract.symbol, bytes, binary });
  },
  'binary-garbage': (fields, context) => {
    const feed = takeFeed(fields, context);
    const bytes = randomBytes(fields.optionalInteger('bytes', { min: 1, max: MAX_RAW_BYTES }) ?? 64);
    return () => sendRaw(feed.streams.allSessions(), { symbol: feed.contract.symbol, bytes, binary: true });
  },
};

function sendRaw(sessions: Session[], message: { symbol: string; bytes: Buffer; binary: boolean }): number {
  const { symbol, bytes, binary } = message;
  const frame = toRawRow(bytes, { symbol, channel: 'raw', opcode: binary ? 'binary' : 'text' });
  return sessions.filter((session) => session.send(frame)).length;
}

function each(sessions: Session[], act: (session: Session) => void): number {
  for (const session of sessions) act(session);
  return sessions.length;
}

/** Monotonic time at which `ms` will have passed; never without `ms`. */
function takeDeadline(fields: RequestFields, { exchange }: FaultContext): number {
  return exchange.options.clock.monotonic() + (fields.optionalNumber('ms', MS_RANGE) ?? Infinity);
}
