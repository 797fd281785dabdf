import type { LaneStatus, SymbolStatus } from './lane-status.ts';
import type { LaneOptions } from './lane-options.ts';
import type { Statistics } from './statistics.ts';
import type { SymbolStream } from './symbol-stream.ts';

/** What the status is made from. */
export interface StatusSource {
  readonly options: LaneOptions;
  readonly startedAtMs: number;
  readonly phase: 'running' | 'draining' | 'stopped';
  readonly gate: { readonly isBlocked: boolean };
  readonly loop: { readonly isOpen: boolean; readonly hasOpened: boolean };
  readonly route: string;
  readonly exitIp: string | null;
  readonly streams: readonly SymbolStream[];
  readonly statistics: Statistics;
  readonly pendingGaps: number;
}

export const totalRows = (stream: SymbolStream): number =>
  stream.counts.t + stream.counts.d + stream.counts.dp + stream.counts.dl;

/** The lane's figures as of now. */
export function toLaneStatus(source: StatusSource): LaneStatus {
  const { options, statistics } = source;
  const symbols = source.streams.map((stream) => toSymbolStatus(stream, source));
  const error = source.streams.map((stream) => stream.inserter.lastError).find((failure) => failure !== undefined);
  return {
    formatVersion: 1,
    lane: options.lane,
    pid: options.pid,
    startedAt: new Date(source.startedAtMs).toISOString(),
    at: new Date(options.clock.now()).toISOString(),
    state: toState(source),
    route: source.route,
    exitIp: source.exitIp,
    symbols,
    rows: symbols.reduce((sum, symbol) => sum + symbol.rows, 0),
    rate: symbols.reduce((sum, symbol) => sum + symbol.rate, 0),
    errors: statistics.errors,
    reconnects: statistics.reconnects,
    oversizedFrames: statistics.oversizedFrames,
    pendingGaps: source.pendingGaps,
    backlogRows: symbols.reduce((sum, symbol) => sum + symbol.backlogRows, 0),
    insertMs: statistics.insertMs(),
    lastError: error ? { code: error.code, message: error.message } : null,
    rssBytes: options.memory(),
  };
}

function toState({ phase, gate, loop }: StatusSource): LaneStatus['state'] {
  if (phase !== 'running') return phase;
  if (gate.isBlocked) return 'blocked';
  if (loop.isOpen) return 'live';
  return loop.hasOpened ? 'reconnecting' : 'starting';
}

function toSymbolStatus(stream: SymbolStream, source: StatusSource): SymbolStatus {
  const rows = totalRows(stream);
  const { lastFrameMs } = stream.activity;
  return {
    symbol: stream.symbol,
    state:
      stream.rejected !== undefined
        ? 'rejected'
        : toState(source) === 'live' && stream.outageSinceUs === undefined
          ? 'live'
          : 'outage',
    rows,
    counts: { ...stream.counts },
    rate: source.statistics.rate(stream.symbol, rows),
    lastSeq: stream.nextSeq - 1,
    insertedSeq: stream.inserter.insertedSeq,
    backlogRows: stream.nextSeq - 1 - stream.inserter.insertedSeq,
    lastFrameAgeMs: lastFrameMs === undefined ? null : source.options.clock.monotonic() - lastFrameMs,
    held: stream.boundaryUs !== undefined,
    detail: stream.rejected ?? null,
  };
}
