import { openBed, openSender, untilRows, untilSubscribed } from '../bed.ts';
import type { Measure } from '../measure.ts';
import { cpuUs, openPeer, sleep } from '../processes.ts';
import { median } from '../statistics.ts';
import type { RivalEvent } from '../rivals/messages.ts';
import type { Figure } from '../report.ts';

interface Run {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly engineCpuUs: number;
  readonly meanBytes: number;
}

const RUNS = 3;

/** Messages a second from the first byte to the last message processed, and CPU for each. Every rival in its own process. */
export const measureIngest: Measure = async ({ quick, note }) => {
  const count = quick ? 200_000 : 1_000_000;
  const ccxtCount = quick ? 20_000 : 80_000;
  const runs = { raw: [] as Run[], count: [] as Run[], parse: [] as Run[], ccxt: [] as Run[], lane: [] as Run[] };
  for (let run = 1; run <= (quick ? 1 : RUNS); run += 1) {
    note(`ingest, run ${run}: sender alone`);
    runs.raw.push(await runRaw(count));
    note(`ingest, run ${run}: ws`);
    runs.count.push(await runRival({ file: 'rivals/ws.ts', work: ['count'], count, channels: 3 }));
    note(`ingest, run ${run}: ws and JSON.parse`);
    runs.parse.push(await runRival({ file: 'rivals/ws.ts', work: ['parse'], count, channels: 3 }));
    note(`ingest, run ${run}: ccxt pro`);
    runs.ccxt.push(await runRival({ file: 'rivals/ccxt.ts', work: [], count: ccxtCount, channels: 2 }));
    note(`ingest, run ${run}: lane`);
    runs.lane.push(await runLane(count));
  }
  return toFigures(runs);
};

async function runRaw(count: number): Promise<Run> {
  await using bed = await openSender();
  await using rival = openPeer('rivals/raw.ts', [bed.url]);
  await untilSubscribed(bed.sender, 3);
  const before = cpuUs(rival.pid);
  bed.sender.send({ kind: 'flood', count });
  const { startMs, endMs, meanBytes } = await bed.sender.next('sent');
  return { perSecond: (count * 1000) / (endMs - startMs), cpuUs: (cpuUs(rival.pid) - before) / count, engineCpuUs: 0, meanBytes };
}

async function runRival(rival: {
  readonly file: string;
  readonly work: readonly string[];
  readonly count: number;
  readonly channels: number;
}): Promise<Run> {
  await using bed = await openSender();
  await using peer = openPeer<never, RivalEvent>(rival.file, [bed.url, String(rival.count), ...rival.work]);
  await untilSubscribed(bed.sender, rival.channels);
  await sleep(200);
  const before = cpuUs(peer.pid);
  bed.sender.send({ kind: 'flood', count: rival.count });
  const { startMs, meanBytes } = await bed.sender.next('sent');
  const { atMs } = await peer.next('done');
  const spentUs = cpuUs(peer.pid) - before;
  return { perSecond: (rival.count * 1000) / (atMs - startMs), cpuUs: spentUs / rival.count, engineCpuUs: 0, meanBytes };
}

async function runLane(count: number): Promise<Run> {
  await using bed = await openBed();
  await using venue = await openSender();
  await using lane = await bed.startLane(venue.url);
  await untilSubscribed(venue.sender, 3);
  await sleep(500);
  const before = { lane: cpuUs(lane.pid), engine: cpuUs(bed.enginePid) };
  venue.sender.send({ kind: 'flood', count });
  const { startMs, meanBytes } = await venue.sender.next('sent');
  const { atMs } = await untilRows(bed.store, count);
  return {
    perSecond: (count * 1000) / (atMs - startMs),
    cpuUs: (cpuUs(lane.pid) - before.lane) / count,
    engineCpuUs: (cpuUs(bed.enginePid) - before.engine) / count,
    meanBytes,
  };
}

function toFigures(runs: Readonly<Record<'raw' | 'count' | 'parse' | 'ccxt' | 'lane', readonly Run[]>>): Figure[] {
  const of = (name: keyof typeof runs, field: keyof Run): number => median(runs[name].map((run) => run[field]));
  const topic = 'ingest';
  const rate = (name: keyof typeof runs, text: string, detail: string): Figure[] => [
    {
      topic,
      name: `${text}: rate`,
      value: of(name, 'perSecond'),
      unit: 'msg/s',
      detail: `messages of ${of(name, 'meanBytes')} bytes${detail}`,
    },
    { topic, name: `${text}: CPU`, value: of(name, 'cpuUs'), unit: 'µs/msg' },
  ];
  return [
    ...rate('raw', 'sender alone (bytes read, not looked at)', ''),
    ...rate('count', '(a) ws, counted', ''),
    ...rate('parse', '(b) ws and JSON.parse', ''),
    ...rate('ccxt', '(c) ccxt pro, tickers and trades', ', no depth'),
    ...rate('lane', '(d) lane: durable and queryable', ''),
    { topic, name: '(d) engine: CPU', value: of('lane', 'engineCpuUs'), unit: 'µs/msg', detail: 'on the same cores' },
    { topic, name: 'sender ÷ a', value: of('raw', 'perSecond') / of('count', 'perSecond'), unit: '×', wanted: { atLeast: 1 } },
    {
      topic,
      name: 'd ÷ b, rate',
      value: of('lane', 'perSecond') / of('parse', 'perSecond'),
      unit: '×',
      wanted: { atLeast: 0.5 },
    },
    { topic, name: 'd ÷ c, rate', value: of('lane', 'perSecond') / of('ccxt', 'perSecond'), unit: '×', wanted: { atLeast: 6 } },
    {
      topic,
      name: 'd ÷ b, CPU of the lane',
      value: of('lane', 'cpuUs') / of('parse', 'cpuUs'),
      unit: '×',
      wanted: { atMost: 2.5 },
    },
  ];
}
