import { createHash } from 'node:crypto';
import { toBase, type Config, type ContractSymbol } from '@mexc-toolkit/core';
import type { LaneSpec } from '@mexc-toolkit/collector';
import { parseRoute } from '@mexc-toolkit/egress';

export interface LanePlan {
  readonly symbols: readonly ContractSymbol[];
  readonly oneLane: boolean;
  /** Route of all lanes; undefined for what the configuration says of each symbol. */
  readonly egress: string | undefined;
  readonly json: boolean;
}

/**
 * Which lanes record which symbols: one each, or one for all.
 *
 * @throws {CaptureError} `EGRESS_INVALID`, before anything is started
 */
export function toLaneSpecs(plan: LanePlan, config: Config): LaneSpec[] {
  const groups = plan.oneLane ? [plan.symbols] : plan.symbols.map((symbol) => [symbol]);
  return groups.map((symbols) => {
    const egress = plan.egress ?? config.egressBySymbol[symbols[0] ?? ''] ?? config.egress;
    parseRoute(egress);
    return { formatVersion: 1, lane: toLaneName(symbols), symbols, egress, json: plan.json, config };
  });
}

/** Stable for the same symbols, so that a lane finds its spool again. */
function toLaneName(symbols: readonly ContractSymbol[]): string {
  const [first, ...rest] = symbols.map(toBase).toSorted();
  if (first === undefined || rest.length === 0) return first ?? 'empty';
  return `${first}-and-${rest.length}-${createHash('sha256')
    .update([first, ...rest].join())
    .digest('hex')
    .slice(0, 8)}`;
}
