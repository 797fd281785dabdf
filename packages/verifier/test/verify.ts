import { systemClock } from '@mexc-toolkit/core';
import { verifyEpoch, type VerificationReport, type VerifyOptions } from '@mexc-toolkit/verifier';
import { HOUR_US, START_US } from './rows.ts';
import { BTC } from './write-fixture.ts';

/** Verifies the fixture of the first hour, with nothing before it. */
export function verify(path: string, options: Partial<VerifyOptions> = {}): Promise<VerificationReport> {
  const epoch = { startUs: START_US, endUs: START_US + HOUR_US };
  const signal = AbortSignal.timeout(60_000);
  return verifyEpoch({ path, symbol: BTC, epoch, predecessor: null, clock: systemClock, signal, ...options });
}

/** What a report says, check by check. */
export const checksOf = (report: VerificationReport): string[] => [...new Set(report.findings.map((finding) => finding.check))];

export const messagesOf = (report: VerificationReport): string => report.findings.map((finding) => finding.message).join('\n');
