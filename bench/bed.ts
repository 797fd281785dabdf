import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnDetachedLane, type LaneSpec } from '@mexc-toolkit/collector';
import { configSchema, openStore, parseSymbol, systemClock, toHomePaths, type HomePaths, type Store } from '@mexc-toolkit/core';
import { ensureEngine, nodeSpawner } from '@mexc-toolkit/engine';
import { endProcess, openPeer, until, type Peer } from './processes.ts';
import type { SenderCommand, SenderEvent } from './sender-messages.ts';

export const SYMBOL = parseSymbol('BTC_USDT');
export const TABLE = 'btc_current';
const LANE = 'btc';
const LANE_MAIN = fileURLToPath(new URL('../apps/mexc/dist/lane-main.js', import.meta.url));

const SUBSCRIBE_TIMEOUT_MS = 20_000;

export type Sender = Peer<SenderCommand, SenderEvent>;

/** The sender's process and its URL. */
export async function openSender(): Promise<{ readonly sender: Sender; readonly url: string } & AsyncDisposable> {
  const sender: Sender = openPeer('sender.ts');
  const { port } = await sender.next('listening');
  return { sender, url: `ws://127.0.0.1:${port}/edge`, [Symbol.asyncDispose]: () => sender[Symbol.asyncDispose]() };
}

/** Waits until a client of the sender has subscribed `count` channels. */
export async function untilSubscribed(sender: Sender, count: number): Promise<void> {
  while ((await sender.next('subscribed', SUBSCRIBE_TIMEOUT_MS)).channels.length < count);
}

/** A home of its own with a running engine. */
export interface Bed extends AsyncDisposable {
  readonly home: string;
  readonly paths: HomePaths;
  readonly enginePid: number;
  readonly engineStartMs: number;
  readonly store: Store;
  /** Starts the real lane process with the default configuration, but for the venue's address. */
  startLane(wsUrl: string): Promise<Lane>;
}

export interface Lane extends AsyncDisposable {
  readonly pid: number;
}

export async function openBed(): Promise<Bed> {
  const home = await mkdtemp(join(tmpdir(), 'mexc-bench-'));
  const cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => rm(home, { recursive: true, force: true, maxRetries: 3 }));
  const signal = AbortSignal.timeout(600_000);
  const startedMs = performance.now();
  const spawnDetached = nodeSpawner({ execPath: process.execPath, env: process.env });
  const engine = await ensureEngine({ home, spawnDetached, clock: systemClock, signal });
  const engineStartMs = performance.now() - startedMs;
  cleanUp.defer(async () => {
    resume(engine.pid);
    await endProcess(engine.pid, 15_000);
  });
  const store = openStore({ ...engine, database: 'mexc', requestTimeoutMs: 60_000 });
  cleanUp.defer(() => store[Symbol.asyncDispose]());
  const paths = toHomePaths(home);
  return {
    home,
    paths,
    enginePid: engine.pid,
    engineStartMs,
    store,
    startLane: async (wsUrl) => {
      const config = configSchema.parse({ home, exportDir: join(home, 'exports'), venue: { wsUrl } });
      const spec: LaneSpec = { formatVersion: 1, lane: LANE, symbols: [SYMBOL], egress: 'direct', json: true, config };
      const pid = await spawnDetachedLane(spec, { paths, program: { execPath: process.execPath, entry: LANE_MAIN } });
      return { pid, [Symbol.asyncDispose]: () => endProcess(pid, 20_000) };
    },
    [Symbol.asyncDispose]: () => cleanUp.disposeAsync(),
  };
}

/** Rows of a table; 0 while there is none. */
export async function countRows(store: Store, table = TABLE): Promise<number> {
  const rows = await store.query(`SELECT total_rows AS n FROM system.tables WHERE database = 'mexc' AND name = {table:String}`, {
    params: { table },
  });
  return Number(rows[0]?.['n'] ?? 0);
}

/** Waits until the table holds `count` rows; the time is that of the answer which says so. */
export async function untilRows(store: Store, count: number, timeoutMs = 180_000): Promise<{ readonly atMs: number }> {
  return await until(
    `${count} rows in ${TABLE}`,
    async () => ((await countRows(store)) >= count ? { atMs: Date.now() } : undefined),
    {
      everyMs: 20,
      timeoutMs,
    },
  );
}

export function pause(pid: number): void {
  process.kill(pid, 'SIGSTOP');
}

export function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // it has ended
  }
}
