import type { AuditReport } from '@mexc-toolkit/verifier';

export function formatAudit(report: AuditReport): string {
  const lines = report.symbols.map(({ symbol, files, rows, firstSeq, lastSeq, problems, findings }) => {
    const bad = problems.length + findings.length;
    return `${symbol}  ${files} files  ${rows} rows  seq ${firstSeq}..${lastSeq}  ${bad === 0 ? 'chain whole' : `${bad} problems`}`;
  });
  const problems = report.symbols.flatMap(({ problems: bad, findings }) => [
    ...bad.flatMap(({ path, verdict, findings: why }) =>
      why.map(({ check, message }) => `  ${verdict}  ${path}: ${check}: ${message}`),
    ),
    ...findings.map(({ verdict, check, message }) => `  ${verdict}  ${check}: ${message}`),
  ]);
  const rest = report.findings.map(({ verdict, message }) => `  ${verdict}  ${message}`);
  const seconds = report.durationMs / 1000;
  const speed = `${report.files} files, ${report.rows} rows, ${(report.bytes / 1_048_576).toFixed(1)} MiB in ${seconds.toFixed(1)} s`;
  return [...lines, ...problems, ...rest, `${report.verdict}: ${speed}`].join('\n');
}
