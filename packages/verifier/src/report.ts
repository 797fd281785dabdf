import type { ContractSymbol, Manifest } from '@mexc-toolkit/core';

/**
 * `match`: proven equal. `mismatch`: something differs. `inconclusive`: something could not be read, so nothing is proven.
 * Only `match` permits a drop (I7).
 */
export type Verdict = 'match' | 'mismatch' | 'inconclusive';

/** What was looked at. */
export type Check =
  | 'file'
  | 'sha256'
  | 'size'
  | 'manifest'
  | 'schema'
  | 'rows'
  | 'seq'
  | 'epoch'
  | 'digest'
  | 'chain'
  | 'table'
  | 'log';

/** One reason against `match`: names what and how many. */
export interface Finding {
  readonly check: Check;
  readonly verdict: Exclude<Verdict, 'match'>;
  readonly message: string;
  readonly count?: number;
}

/** Outcome of {@link verifyEpoch}. Numbers come from the file itself, not from its manifest. */
export interface VerificationReport {
  readonly symbol: ContractSymbol;
  readonly path: string;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly rows: number;
  /** 0 when there are no rows. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly bytes: number;
  /** Empty when the file could not be read. */
  readonly sha256: string;
  /** Unsigned decimal; of the rows that could be read. */
  readonly digest: string;
  /** The table that the file was compared with; null when none was. */
  readonly table: { readonly database: string; readonly table: string } | null;
  readonly durationMs: number;
  readonly manifest?: Manifest;
}

/** A difference outweighs something unread; no finding at all is a match. */
export function toVerdict(findings: readonly Pick<Finding, 'verdict'>[]): Verdict {
  if (findings.some((finding) => finding.verdict === 'mismatch')) return 'mismatch';
  return findings.length === 0 ? 'match' : 'inconclusive';
}

export const differs = (check: Check, message: string, count?: number): Finding => ({
  check,
  verdict: 'mismatch',
  message,
  ...(count === undefined ? {} : { count }),
});

export const unread = (check: Check, message: string): Finding => ({ check, verdict: 'inconclusive', message });

/** Text of anything that was thrown, on one line. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.slice(0, 300) ?? '';
