import { toEpochName } from '@mexc-toolkit/core';
import type { SymbolRotation } from '@mexc-toolkit/rotator';

export function formatRotations(rotations: readonly SymbolRotation[]): string {
  if (rotations.length === 0) return 'Nothing to rotate: no symbol is recorded here yet.';
  return rotations
    .map(({ symbol, epoch, report }) => {
      const span = `${toEpochName(epoch.startUs)} – ${toEpochName(epoch.endUs)}`;
      if (!report) return `${symbol}  ${span}  rotated into ${epoch.table}`;
      if (report.acknowledgedBy === 'nobody') return `${symbol}  ${span}  rotated into ${epoch.table}; no lane was running`;
      const effectiveness = report.arrivedDuringHold === 0 ? 1 : report.bufferedRows / report.arrivedDuringHold;
      return `${symbol}  ${span}  held ${report.heldMs.toFixed(0)} ms, buffered ${report.bufferedRows} of ${report.arrivedDuringHold} rows (effectiveness ${effectiveness}), drained in ${report.drainMs.toFixed(0)} ms`;
    })
    .join('\n');
}
