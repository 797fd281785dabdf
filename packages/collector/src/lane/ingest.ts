import { decodeFrame, toUnknownContract, type Clock, type DecodedFrame, type RowFrame } from '@mexc-toolkit/core';
import type { GapJournal } from '../gaps/gap-journal.ts';
import { noteActivity } from '../session/staleness.ts';
import { toText } from '../session/to-text.ts';
import type { GroupCommit } from '../spool/group-commit.ts';
import type { SymbolStream } from './symbol-stream.ts';

export interface IngestOptions {
  readonly streams: ReadonlyMap<string, SymbolStream>;
  /** Takes frames that name no symbol of this lane, so that they become rows too (I1). */
  readonly primary: SymbolStream;
  readonly commit: GroupCommit;
  readonly gaps: GapJournal;
  readonly clock: Clock;
  readonly maxFrameBytes: number;
  readonly onPong: () => void;
  readonly onAck: (method: string) => void;
  /** The venue refused something without naming a symbol. */
  readonly onRefused: () => void;
  /** The venue says that a symbol does not exist. */
  readonly onUnknownSymbol: (symbol: string, text: string) => void;
}

/**
 * Turns a message into what it is: a pong, an ack, or exactly one row (I1) with the frame verbatim (I2), the symbol's next
 * seq (I3) and a ts_recv later than the row before (I6). Synchronous and without I/O: the row is in memory afterwards and
 * durable after the next group commit.
 */
export function ingestFrame(frame: Buffer, isBinary: boolean, options: IngestOptions): DecodedFrame {
  const text = toText(frame, isBinary, options.maxFrameBytes);
  const decoded = decodeFrame(text);
  switch (decoded.kind) {
    case 'pong':
      options.onPong();
      return decoded;
    case 'ack':
      options.onAck(decoded.method);
      return decoded;
    case 'row':
      appendRow(text, decoded, options);
      return decoded;
  }
}

function appendRow(m: Buffer, frame: RowFrame, options: IngestOptions): void {
  const unknown = frame.error === undefined ? undefined : toUnknownContract(frame.error);
  const stream = options.streams.get(frame.symbol ?? unknown ?? '') ?? options.primary;
  const tsRecvUs = Math.max(Math.floor(options.clock.now() * 1000), stream.lastTsRecvUs + 1);
  if (stream.boundaryUs !== undefined && tsRecvUs >= stream.boundaryUs) {
    if (stream.lastTsRecvUs < stream.boundaryUs) options.commit.cut(stream.base);
    stream.arrivedDuringHold += 1;
  }
  stream.lastTsRecvUs = tsRecvUs;
  const seq = stream.nextSeq;
  stream.nextSeq += 1;
  stream.counts[frame.mt] += 1;
  options.commit.append(stream.base, { tsMs: frame.tsMs ?? Math.floor(tsRecvUs / 1000), mt: frame.mt, m, tsRecvUs, seq });
  if (frame.symbol === stream.symbol) noteActivity(stream.activity, frame.channel, options.clock.monotonic());
  if (frame.versions) {
    const gap = stream.versions.note(frame.versions, tsRecvUs);
    if (gap) {
      const detail = `versions ${gap.afterVersion + 1}..${gap.beforeVersion - 1} of push.depth were not received`;
      options.gaps.note(stream.symbol, { kind: 'version_gap', startedUs: gap.startedUs, endedUs: gap.endedUs, detail });
    }
  }
  if (unknown !== undefined) options.onUnknownSymbol(unknown, frame.error ?? '');
  else if (frame.error !== undefined) options.onRefused();
}
