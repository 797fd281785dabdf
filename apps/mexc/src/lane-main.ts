// The process of a lane: `node lane-main.js <spec file>`. Lean on purpose: no command framework, no engine, no UI.
import { readFileSync } from 'node:fs';
import { CaptureError, parseSymbol, systemClock, Telemetry, toHomePaths } from '@mexc-toolkit/core';
import { parseLaneSpec, runLane } from '@mexc-toolkit/collector';
import { forgetPid } from './fleet/pid-file.ts';
import { toErrorText } from './present/error.ts';
import { openLogger } from './present/logger.ts';
import { toStatisticsLines } from './present/statistics.ts';
import { openConfiguredStore } from './store/open-configured-store.ts';

// Meant for this process, which has read them when it started, and not for an engine that it may start.
for (const name of Object.keys(process.env)) if (name.startsWith('MALLOC_')) delete process.env[name];

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
process.once('disconnect', () => stop.abort()); // the terminal's process is gone

const spec = parseLaneSpec(readFileSync(process.argv[2] ?? '', 'utf8'));
const paths = toHomePaths(spec.config.home);
try {
  const { config } = spec;
  const clock = systemClock;
  await using store = await openConfiguredStore(config, { clock, signal: stop.signal });
  await runLane({
    lane: spec.lane,
    symbols: spec.symbols.map(parseSymbol),
    egress: spec.egress,
    paths,
    store,
    venue: config.venue,
    subscriptions: config.subscriptions,
    session: config.session,
    spool: config.spool,
    insert: config.insert,
    rotation: config.rotation,
    statisticsIntervalMs: config.statistics.intervalMs,
    clock,
    telemetry: new Telemetry(
      openLogger({ debug: process.env['MEXC_DEBUG'] === 'true', isTty: process.stderr.isTTY, level: 'info' }),
    ),
    random: Math.random,
    pid: process.pid,
    memory: () => process.memoryUsage.rss(),
    onStatistics: (status) => void process.stdout.write(spec.json ? `${JSON.stringify(status)}\n` : toStatisticsLines(status)),
    signal: stop.signal,
  });
} catch (error) {
  if (!stop.signal.aborted || CaptureError.is(error)) {
    process.exitCode = CaptureError.is(error) ? error.exitStatus : 1;
    if (CaptureError.is(error)) process.stderr.write(`${toErrorText(error, process.env['MEXC_DEBUG'] === 'true')}\n`);
    else throw error;
  }
} finally {
  forgetPid(paths.pid(spec.lane), process.pid);
  if (process.connected) process.disconnect();
}
