import type { MessageType } from '@mexc-toolkit/core';

/** Figures of one symbol. Rates and latencies are of the last statistics interval. */
export interface SymbolStatus {
  readonly symbol: string;
  readonly state: 'live' | 'outage' | 'rejected';
  /** Rows since the lane started, by type. */
  readonly rows: number;
  readonly counts: Readonly<Record<MessageType, number>>;
  readonly rate: number;
  /** Last seq received, made durable, inserted. */
  readonly lastSeq: number;
  readonly insertedSeq: number;
  readonly backlogRows: number;
  readonly lastFrameAgeMs: number | null;
  readonly held: boolean;
  readonly detail: string | null;
}

/** `<home>/run/lane-<lane>.status.json`, written every second. A stable interface. */
export interface LaneStatus {
  readonly formatVersion: 1;
  readonly lane: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly at: string;
  readonly state: 'starting' | 'live' | 'reconnecting' | 'blocked' | 'draining' | 'stopped';
  readonly route: string;
  readonly exitIp: string | null;
  readonly symbols: readonly SymbolStatus[];
  readonly rows: number;
  readonly rate: number;
  readonly errors: number;
  readonly reconnects: number;
  readonly oversizedFrames: number;
  readonly pendingGaps: number;
  readonly backlogRows: number;
  readonly insertMs: { readonly p50: number; readonly p99: number } | null;
  readonly lastError: { readonly code: string; readonly message: string } | null;
  readonly rssBytes: number;
}
