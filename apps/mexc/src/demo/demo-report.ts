import type { ContractSymbol } from '@mexc-toolkit/core';
import type { Verdict } from '@mexc-toolkit/verifier';
import type { ExportOutcome } from '../archive/export-symbol.ts';

/** One symbol on its way from the exchange to its files: six counts that have to be one number. */
export interface SymbolProof {
  readonly symbol: ContractSymbol;
  /** Counted by the simulated exchange, not by the recorder. */
  readonly sent: number;
  readonly received: number;
  readonly spooled: number;
  readonly inserted: number;
  readonly exported: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Whether the frames in the files have the same digest as the frames that the exchange sent. */
  readonly sameBytes: boolean;
}

/** What `mexc demo --json` ends with. A stable interface. */
export interface DemoReport {
  readonly lanes: readonly {
    readonly symbol: ContractSymbol;
    readonly egress: string;
    readonly exitIp: string | null;
    readonly rows: number;
    readonly t: number;
    readonly d: number;
    readonly dp: number;
    readonly dl: number;
  }[];
  readonly sent: number;
  readonly stored: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly proofs: readonly SymbolProof[];
  /** The rotations under load; the last one, after the lanes have stopped, is not among them. */
  readonly rotations: readonly {
    readonly symbol: ContractSymbol;
    readonly start: string;
    readonly end: string;
    readonly heldMs: number;
    readonly bufferedRows: number;
    readonly arrivedDuringHold: number;
  }[];
  readonly exports: readonly Pick<
    ExportOutcome,
    'symbol' | 'path' | 'manifest' | 'rows' | 'bytes' | 'sha256' | 'digest' | 'verdict'
  >[];
  /** The audit of all files together at the end: chains over all epochs. */
  readonly audit: Verdict;
  readonly durationMs: number;
}

/** Whether everything that the demo claims is true of this run. */
export const isProven = (report: DemoReport): boolean =>
  report.sent > 0 &&
  report.lost === 0 &&
  report.duplicated === 0 &&
  report.audit === 'match' &&
  report.proofs.every(
    (proof) => proof.sameBytes && new Set([proof.sent, proof.received, proof.spooled, proof.inserted, proof.exported]).size === 1,
  ) &&
  report.exports.every(({ verdict }) => verdict === 'match') &&
  report.rotations.every(({ bufferedRows, arrivedDuringHold }) => bufferedRows === arrivedDuringHold);
