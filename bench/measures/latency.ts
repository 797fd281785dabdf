import type { Store } from '@mexc-toolkit/core';
import { openBed, openSender, TABLE, untilRows, untilSubscribed } from '../bed.ts';
import type { Measure } from '../measure.ts';
import { sleep } from '../processes.ts';
import type { Figure } from '../report.ts';
import { median, percentile } from '../statistics.ts';

const RATES = [40, 2000];
const WANTED_P99_MS = 100;
/** Rows of the first moments, when lane and engine are cold, are not counted. */
const WARM_UP_MS = 2000;

interface Observed {
  readonly latenciesMs: readonly number[];
  readonly pollMs: readonly number[];
}

/**
 * From the moment in which the sender writes a frame (its `ts`) to the end of the first query that shows its row. Both clocks
 * are this machine's. The query itself is part of it, so a figure is too high by up to one poll, never too low by more than the
 * millisecond in which `ts` counts.
 */
export const measureLatency: Measure = async ({ quick, note }) => {
  const figures: Figure[] = [];
  for (const perSecond of RATES) {
    note(`latency at ${perSecond} messages/s`);
    const { latenciesMs, pollMs } = await observe(perSecond, quick ? 6000 : 15_000);
    const about = { topic: 'latency', unit: 'ms' };
    figures.push(
      { ...about, name: `socket to queryable row at ${perSecond}/s: p50`, value: percentile(latenciesMs, 0.5) },
      {
        ...about,
        name: `socket to queryable row at ${perSecond}/s: p99`,
        value: percentile(latenciesMs, 0.99),
        wanted: { atMost: WANTED_P99_MS },
        detail: `${latenciesMs.length} rows; error up to one poll of ${median(pollMs).toFixed(0)} ms`,
      },
    );
  }
  return figures;
};

async function observe(perSecond: number, durationMs: number): Promise<Observed> {
  await using bed = await openBed();
  await using venue = await openSender();
  await using _lane = await bed.startLane(venue.url);
  await untilSubscribed(venue.sender, 3);
  const count = Math.ceil((perSecond * (durationMs + WARM_UP_MS)) / 1000);
  venue.sender.send({ kind: 'pace', perSecond, count });
  await untilRows(bed.store, 1);
  const latenciesMs: number[] = [];
  const pollMs: number[] = [];
  const warmUntilMs = Date.now() + WARM_UP_MS;
  for (let seen = 0; seen < count;) {
    const asked = Date.now();
    const rows = await readAfter(bed.store, seen);
    const answered = Date.now();
    seen += rows.length;
    if (answered > warmUntilMs) {
      pollMs.push(answered - asked);
      for (const sentMs of rows) latenciesMs.push(answered - sentMs);
    }
    await sleep(2);
  }
  return { latenciesMs, pollMs };
}

async function readAfter(store: Store, seq: number): Promise<number[]> {
  const rows = await store.query(
    `SELECT toUnixTimestamp64Milli(ts) AS sent FROM mexc.${TABLE} WHERE seq > {seq:UInt64} ORDER BY seq`,
    { params: { seq } },
  );
  return rows.map((row) => Number(row['sent']));
}
