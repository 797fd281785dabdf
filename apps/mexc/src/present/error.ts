import type { CaptureError } from '@mexc-toolkit/core';

/** One sentence, the code, a hint. The stack and its causes only on request. */
export function toErrorText(error: CaptureError, debug: boolean): string {
  const lines = [`Error: ${error.message}`, `Code:  ${error.code}`, `Hint:  ${error.hint}`];
  if (debug) lines.push(String(error.stack), ...(error.cause instanceof Error ? [`Caused by ${error.cause.stack}`] : []));
  return lines.join('\n');
}
