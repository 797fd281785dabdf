import { openBed, openSender, pause, resume, untilRows, untilSubscribed, type Bed, type Lane, type Sender } from '../bed.ts';
import type { Measure } from '../measure.ts';
import { memoryMb, sleep } from '../processes.ts';
import type { Figure } from '../report.ts';

const LEAN_MB = 90;
const BOUND_MB = 250;
const SAMPLE_MS = 250;

interface Observed {
  readonly laneMb: number;
  readonly lanePeakMb: number;
  readonly engineMb: number;
}

type Load = (running: {
  readonly bed: Bed;
  readonly lane: Lane;
  readonly sender: Sender;
  readonly loadMs: number;
}) => Promise<void>;

const LOADS: readonly {
  readonly name: string;
  readonly limit: number;
  readonly load: Load;
  readonly shortMs: number;
  readonly longMs: number;
}[] = [
  { name: 'idle lane', limit: LEAN_MB, shortMs: 5000, longMs: 15_000, load: ({ loadMs }) => sleep(loadMs) },
  {
    name: 'lane at 40 msg/s',
    limit: LEAN_MB,
    shortMs: 8000,
    longMs: 30_000,
    load: async ({ sender, loadMs }) => {
      sender.send({ kind: 'pace', perSecond: 40, count: (40 * loadMs) / 1000 });
      await sender.next('sent');
    },
  },
  {
    name: 'lane at full speed',
    limit: BOUND_MB,
    shortMs: 20_000,
    longMs: 60_000,
    load: async ({ bed, sender, loadMs }) => {
      sender.send({ kind: 'flood', count: Number.MAX_SAFE_INTEGER, forMs: loadMs });
      const { sent } = await sender.next('sent');
      await untilRows(bed.store, sent);
    },
  },
  {
    name: 'lane at 2,000 msg/s, store stopped',
    limit: BOUND_MB,
    shortMs: 20_000,
    longMs: 60_000,
    load: async ({ bed, sender, loadMs }) => {
      pause(bed.enginePid);
      sender.send({ kind: 'pace', perSecond: 2000, count: 2 * loadMs });
      const { sent } = await sender.next('sent');
      resume(bed.enginePid);
      await untilRows(bed.store, sent);
    },
  },
];

/** Resident memory of the lane's process: the highest sample while the load lasts, and until its backlog is gone. */
export const measureMemory: Measure = async ({ quick, note }) => {
  const figures: Figure[] = [];
  for (const { name, limit, load, shortMs, longMs } of LOADS) {
    const loadMs = quick ? shortMs : longMs;
    note(`memory: ${name}, ${loadMs / 1000} s`);
    const { laneMb, lanePeakMb, engineMb } = await observe(load, loadMs);
    figures.push({
      topic: 'memory',
      name: `${name}, ${loadMs / 1000} s: RSS`,
      value: laneMb,
      unit: 'MB',
      wanted: { atMost: limit },
      detail: `highest sample; kernel's peak since the start ${lanePeakMb.toFixed(0)} MB; engine ${engineMb.toFixed(0)} MB`,
    });
  }
  return figures;
};

async function observe(load: Load, loadMs: number): Promise<Observed> {
  await using bed = await openBed();
  await using venue = await openSender();
  await using lane = await bed.startLane(venue.url);
  await untilSubscribed(venue.sender, 3);
  await sleep(1500);
  let laneMb = 0;
  let engineMb = 0;
  const sampler = setInterval(() => {
    laneMb = Math.max(laneMb, memoryMb(lane.pid).now);
    engineMb = Math.max(engineMb, memoryMb(bed.enginePid).now);
  }, SAMPLE_MS);
  try {
    await load({ bed, lane, sender: venue.sender, loadMs });
    return { laneMb, engineMb, lanePeakMb: memoryMb(lane.pid).peak };
  } finally {
    clearInterval(sampler);
  }
}
