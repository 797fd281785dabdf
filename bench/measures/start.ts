import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openBed, openSender, untilSubscribed } from '../bed.ts';
import type { Measure } from '../measure.ts';
import { median } from '../statistics.ts';

const LAUNCHER = fileURLToPath(new URL('../../mexc', import.meta.url));

export const measureStart: Measure = async ({ quick, note }) => {
  const runs = quick ? 3 : 7;
  note('start of the command line, the engine and a lane');
  const helpMs: number[] = [];
  for (let run = 0; run <= runs; run += 1) helpMs.push(await runHelp());
  helpMs.shift(); // reads the files from disk
  const engineMs: number[] = [];
  const laneMs: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await using bed = await openBed();
    engineMs.push(bed.engineStartMs);
    await using venue = await openSender();
    const startedMs = Date.now();
    await using _lane = await bed.startLane(venue.url);
    await untilSubscribed(venue.sender, 3);
    venue.sender.send({ kind: 'flood', count: 1 });
    laneMs.push((await venue.sender.next('sent')).endMs - startedMs);
  }
  const detail = `median of ${runs}`;
  const topic = 'start';
  return [
    { topic, name: './mexc --help', value: median(helpMs) / 1000, unit: 's', wanted: { atMost: 0.4 }, detail },
    {
      topic,
      name: 'lane, spawn to first frame on loopback',
      value: median(laneMs) / 1000,
      unit: 's',
      wanted: { atMost: 1 },
      detail: `${detail}; the engine runs`,
    },
    { topic, name: 'engine, spawn to first answer, empty home', value: median(engineMs) / 1000, unit: 's', detail },
  ];
};

async function runHelp(): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(LAUNCHER, ['--help'], { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`./mexc --help ended with ${code}`);
  return performance.now() - startedMs;
}
