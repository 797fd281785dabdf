import type { LaneStatus } from '@mexc-toolkit/collector';

/** One line a symbol: total, ticker, deal, depth, dead letters, rate, errors, reconnects, backlog, insert latency. */
export function toStatisticsLines(status: LaneStatus): string {
  const insert = status.insertMs
    ? `insert p50 ${status.insertMs.p50.toFixed(0)} ms p99 ${status.insertMs.p99.toFixed(0)} ms`
    : 'insert -';
  return status.symbols
    .map(({ symbol, state, rows, counts, rate, backlogRows }) =>
      [
        status.at.slice(11, 19),
        symbol.padEnd(12),
        (state === 'live' ? '' : `${state.toUpperCase()} `) + `total ${rows}`,
        `ticker ${counts.t}`,
        `deal ${counts.d}`,
        `depth ${counts.dp}`,
        `dead ${counts.dl}`,
        `rate ${rate.toFixed(1)}/s`,
        `errors ${status.errors}`,
        `reconnects ${status.reconnects}`,
        `backlog ${backlogRows}`,
        insert,
      ].join('  '),
    )
    .map((line) => `${line}\n`)
    .join('');
}
