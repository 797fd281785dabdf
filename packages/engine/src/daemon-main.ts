// The process of the engine: `node daemon-main.js --home <home> [--port <port>]`, with its log as JSON lines on stderr.
import { parseArgs } from 'node:util';
import { CaptureError, systemClock } from '@mexc-toolkit/core';
import { runEngine } from './daemon.ts';

// oxlint-disable-next-line no-restricted-globals -- this file is a process entry
const self = process;
// ClickHouse takes its time zone from the environment; a server of this toolkit counts in UTC.
self.env['TZ'] = 'UTC';
// Whatever chDB writes is for this user only.
self.umask(0o077);

const { values } = parseArgs({ options: { home: { type: 'string' }, port: { type: 'string' } } });
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) self.on(signal, () => stop.abort());

const log = (entry: object): void => {
  self.stderr.write(`${JSON.stringify({ time: new Date(systemClock.now()).toISOString(), ...entry })}\n`);
};

if (values.home === undefined) {
  log({ event: 'engine.failed', error: 'expected --home <directory>' });
  self.exitCode = 2;
} else {
  const port = values.port === undefined ? {} : { port: Number(values.port) };
  runEngine({ home: values.home, ...port, pid: self.pid, signal: stop.signal, log }).catch((error: unknown) => {
    // Several were started at once, and another was first.
    if (CaptureError.is(error, 'LOCK_HELD')) return log({ event: 'engine.already_running', holder: error.message });
    log({ event: 'engine.failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    self.exitCode = 1;
  });
}
