export { auditExports, type AuditOptions, type AuditReport } from './audit/audit-exports.ts';
export type { SymbolAudit } from './audit/audit-symbol.ts';
export type { PendingTable } from './audit/pending-tables.ts';
export type { Predecessor } from './checks/chain.ts';
export { dropProven, isProven, type DropOptions, type DropOutcome } from './drop-proven.ts';
export { listRefusals, mayDrop, type DropEvidence } from './may-drop.ts';
export type { Check, Finding, VerificationReport, Verdict } from './report.ts';
export { verifyEpoch, type VerifyOptions } from './verify-epoch.ts';
