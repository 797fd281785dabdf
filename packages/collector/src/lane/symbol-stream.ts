import { toBase, type Base, type ContractSymbol, type MessageType } from '@mexc-toolkit/core';
import { VersionTracker } from '../gaps/version-tracker.ts';
import type { BaseInserter } from '../insert/base-inserter.ts';
import { openActivity, type SymbolActivity } from '../session/staleness.ts';

/** Everything a lane knows of one symbol while it runs. */
export interface SymbolStream {
  readonly symbol: ContractSymbol;
  readonly base: Base;
  readonly inserter: BaseInserter;
  readonly versions: VersionTracker;
  readonly activity: SymbolActivity;
  readonly counts: Record<MessageType, number>;
  /** Seq of the next row (I3). */
  nextSeq: number;
  /** ts_recv of the last row; the next one is later (I6), whatever the wall clock does. */
  lastTsRecvUs: number;
  /** Rows from here on begin a new block: the boundary of a rotation that was announced. */
  boundaryUs: number | undefined;
  /** Rows that arrived at or after the boundary while inserts are held. */
  arrivedDuringHold: number;
  /** The venue does not list the symbol, or rejected it. */
  rejected: string | undefined;
  /** Since when no connection delivers this symbol, microseconds; undefined while one does. */
  outageSinceUs: number | undefined;
  outageDetail: string;
  /** The symbol was subscribed again on the same session because it was silent. */
  resubscribed: boolean;
}

export function toSymbolStream(
  symbol: ContractSymbol,
  inserter: BaseInserter,
  start: { readonly nextSeq: number; readonly lastTsRecvUs: number },
): SymbolStream {
  return {
    symbol,
    base: toBase(symbol),
    inserter,
    versions: new VersionTracker(),
    activity: openActivity(),
    counts: { t: 0, d: 0, dp: 0, dl: 0 },
    nextSeq: start.nextSeq,
    lastTsRecvUs: start.lastTsRecvUs,
    boundaryUs: undefined,
    arrivedDuringHold: 0,
    rejected: undefined,
    outageSinceUs: start.lastTsRecvUs === 0 ? undefined : start.lastTsRecvUs,
    outageDetail: 'the lane was not running',
    resubscribed: false,
  };
}
