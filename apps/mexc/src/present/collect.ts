import type { CollectReport } from '../lane/collect.ts';

export function formatDetached(report: CollectReport): string {
  const lines = report.lanes.map((lane) =>
    'pid' in lane
      ? `Recording ${lane.symbols.join(', ')} in the background (pid ${lane.pid}).\n  log     ${lane.log}\n  status  ${lane.status}`
      : '',
  );
  return [...lines, 'Stop with: mexc down'].join('\n');
}
