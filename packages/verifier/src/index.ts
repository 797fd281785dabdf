export { type Predecessor } from './checks/chain.ts';
export type { Check, Finding, VerificationReport, Verdict } from './report.ts';
export { verifyEpoch, type VerifyOptions } from './verify-epoch.ts';
