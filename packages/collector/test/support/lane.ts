import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runLane, type LaneOptions, type LaneStatus } from '@mexc-toolkit/collector';
import { configSchema, parseSymbol, systemClock, toHomePaths, type Config, type HomePaths, type Store } from '@mexc-toolkit/core';
import type { Simulator } from '@mexc-toolkit/simulator';
import { openRecordedTelemetry, type Entry } from './telemetry.ts';

/** Shorter waits than in the field, so that a test takes seconds. */
const FAST = {
  session: { pingIntervalMs: 500, pongTimeoutMs: 1500, openTimeoutMs: 3000, reconnectMinMs: 20, reconnectMaxMs: 200 },
  spool: { commitIntervalMs: 10 },
  insert: { retryMinMs: 20, retryMaxMs: 200 },
};

/** Parts of the configuration that a test changes. */
export interface Changes {
  readonly session?: Partial<Config['session']>;
  readonly spool?: Partial<Config['spool']>;
  readonly insert?: Partial<Config['insert']>;
  readonly rotation?: Partial<Config['rotation']>;
  readonly subscriptions?: Partial<Config['subscriptions']>;
}

/** A home for lanes, removed when disposed. */
export function openHome(): HomePaths & Disposable {
  const home = mkdtempSync(join(tmpdir(), 'mexc-lane-'));
  return { ...toHomePaths(home), [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }) };
}

export interface LaneBed {
  readonly paths: HomePaths;
  readonly store: Store;
  readonly venue: Pick<Simulator, 'wsUrl' | 'restUrl'>;
  readonly symbols: readonly string[];
  readonly changes?: Changes;
  readonly more?: Partial<LaneOptions>;
}

const toConfig = ({ paths, venue, changes = {} }: LaneBed): Config =>
  configSchema.parse({
    home: paths.home,
    venue: { wsUrl: venue.wsUrl, restUrl: venue.restUrl },
    ...changes,
    session: { ...FAST.session, ...changes.session },
    spool: { ...FAST.spool, ...changes.spool },
    insert: { ...FAST.insert, ...changes.insert },
  });

/** A lane in this process. Disposing of it stops it. */
export class TestLane implements AsyncDisposable {
  readonly entries: Entry[];
  readonly ended: Promise<LaneStatus>;
  readonly #stop = new AbortController();

  constructor(bed: LaneBed) {
    const config = toConfig(bed);
    const { telemetry, entries } = openRecordedTelemetry();
    this.entries = entries;
    this.ended = runLane({
      lane: 'test',
      symbols: bed.symbols.map(parseSymbol),
      egress: 'direct',
      paths: bed.paths,
      store: bed.store,
      venue: config.venue,
      subscriptions: config.subscriptions,
      session: config.session,
      spool: config.spool,
      insert: config.insert,
      rotation: config.rotation,
      statisticsIntervalMs: 1000,
      clock: systemClock,
      telemetry,
      random: Math.random,
      pid: process.pid,
      memory: () => process.memoryUsage.rss(),
      onStatistics: () => {},
      signal: this.#stop.signal,
      ...bed.more,
    });
    this.ended.catch(() => {
      // seen by who awaits `ended` or `stop()`
    });
  }

  events(name: string): Entry[] {
    return this.entries.filter((entry) => entry.event === name);
  }

  /** Drains the lane; its last status. */
  stop(): Promise<LaneStatus> {
    this.#stop.abort();
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop().catch(() => {
      // a lane that failed has ended too
    });
  }
}

const laneMain = fileURLToPath(new URL('../../../../apps/mexc/dist/lane-main.js', import.meta.url));

/** A lane in a process of its own, as the field runs it. Disposing of it kills it. */
export class LaneProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  stderr = '';
  readonly #exited: Promise<unknown[]>;

  constructor(bed: LaneBed) {
    const { url, user, password } = bed.store.address;
    const config = {
      ...toConfig(bed),
      clickhouse: { url, user, password, database: bed.store.database, requestTimeoutMs: 5000 },
    };
    const spec = { formatVersion: 1, lane: 'test', symbols: bed.symbols, egress: 'direct', json: true, config };
    mkdirSync(bed.paths.run, { recursive: true });
    const path = join(bed.paths.run, 'lane-test.spec.json');
    writeFileSync(path, JSON.stringify(spec));
    this.child = spawn(process.execPath, ['--max-semi-space-size=8', '--disable-warning=ExperimentalWarning', laneMain, path], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child.stderr!.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.#exited = once(this.child, 'exit');
  }

  /** Sends the signal and waits for the end; the exit status, or the signal's name. */
  async end(signal: NodeJS.Signals): Promise<number | string> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    const [code, name] = await this.#exited;
    return typeof code === 'number' ? code : String(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
  }
}
