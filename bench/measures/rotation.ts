import { mkdir } from 'node:fs/promises';
import { systemClock, Telemetry, type RotationReport } from '@mexc-toolkit/core';
import { rotate } from '@mexc-toolkit/rotator';
import { openBed, openSender, SYMBOL, untilSubscribed, type Bed } from '../bed.ts';
import type { Measure } from '../measure.ts';
import { sleep, until } from '../processes.ts';
import { percentile } from '../statistics.ts';
import { silentLog } from '../silent-log.ts';

const PER_SECOND = 10_000;
const LEAD_US = 300_000;
const PAUSE_MS = 500;

/** Rotations with the real rotator while messages arrive; then every seq is looked for in the union of all tables. */
export const measureRotation: Measure = async ({ quick, note }) => {
  const rotations = quick ? 5 : 20;
  note(`${rotations} rotations under ${PER_SECOND} messages/s`);
  await using bed = await openBed();
  await using venue = await openSender();
  await using _lane = await bed.startLane(venue.url);
  await mkdir(bed.paths.rotation, { recursive: true });
  await untilSubscribed(venue.sender, 3);
  const count = PER_SECOND * Math.ceil((2000 + rotations * (PAUSE_MS + 700)) / 1000);
  venue.sender.send({ kind: 'pace', perSecond: PER_SECOND, count });
  await sleep(2000);
  const reports: RotationReport[] = [];
  for (let turn = 0; turn < rotations; turn += 1) {
    reports.push(await rotateOnce(bed));
    await sleep(PAUSE_MS);
  }
  const { sent } = await venue.sender.next('sent');
  const stored = await until(
    'all rows in the tables',
    async () => {
      const found = await readUnion(bed);
      return found.rows >= sent ? found : undefined;
    },
    { everyMs: 200, timeoutMs: 20_000 },
  ).catch(() => readUnion(bed));
  const held = reports.map(({ heldMs }) => heldMs);
  const buffered = reports.reduce((sum, { bufferedRows }) => sum + bufferedRows, 0);
  const arrived = reports.reduce((sum, { arrivedDuringHold }) => sum + arrivedDuringHold, 0);
  const topic = 'rotation';
  return [
    { topic, name: 'hold under 10,000 msg/s: p50', value: percentile(held, 0.5), unit: 'ms', detail: `${rotations} rotations` },
    {
      topic,
      name: 'hold under 10,000 msg/s: p99',
      value: percentile(held, 0.99),
      unit: 'ms',
      wanted: { atMost: 250 },
      detail: 'the longest',
    },
    {
      topic,
      name: 'lost',
      value: sent - stored.distinct,
      unit: 'rows',
      wanted: { atMost: 0 },
      detail: `${sent.toLocaleString('en-US')} sent; seq ${stored.firstSeq}–${stored.lastSeq} in ${rotations + 1} tables`,
    },
    { topic, name: 'duplicated', value: stored.rows - stored.distinct, unit: 'rows', wanted: { atMost: 0 } },
    { topic, name: 'buffered ÷ arrived during holds', value: buffered / arrived, unit: '×', detail: `${arrived} rows arrived` },
  ];
};

async function rotateOnce(bed: Bed): Promise<RotationReport> {
  const { report } = await rotate({
    symbol: SYMBOL,
    directory: bed.paths.rotation,
    store: bed.store,
    clock: systemClock,
    telemetry: new Telemetry(silentLog),
    pid: process.pid,
    boundaryUs: Math.floor(systemClock.now() * 1000) + LEAD_US,
    ackTimeoutMs: 20_000,
    takeOver: () => Promise.resolve(undefined),
    signal: AbortSignal.timeout(60_000),
  });
  if (!report) throw new Error('the lane gave no report of the rotation');
  return report;
}

interface Union {
  readonly rows: number;
  readonly distinct: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

async function readUnion({ store }: Bed): Promise<Union> {
  const [row] = await store.query(
    `SELECT count() AS n, uniqExact(seq) AS d, min(seq) AS first, max(seq) AS last FROM merge('mexc', '^btc_(current|previous)')`,
  );
  return {
    rows: Number(row?.['n']),
    distinct: Number(row?.['d']),
    firstSeq: Number(row?.['first']),
    lastSeq: Number(row?.['last']),
  };
}
