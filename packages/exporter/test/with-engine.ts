import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDatabase,
  createRowTable,
  insertPayloads,
  openStore,
  parseSymbol,
  systemClock,
  Telemetry,
  type PendingEpoch,
  type Row,
  type Store,
  type StoreOptions,
} from '@mexc-toolkit/core';
import { ensureEngine, nodeSpawner, stopEngine } from '@mexc-toolkit/engine';
import type { ExportOptions } from '@mexc-toolkit/exporter';
import { START_US, HOUR_US, silent, toPayload } from './rows.ts';

/** An engine of its own in a temporary home, with a database of a unique name. */
export interface EngineContext extends AsyncDisposable {
  readonly dir: string;
  readonly store: Store;
  readonly storeOptions: StoreOptions;
}

export async function openEngine(): Promise<EngineContext> {
  const dir = await mkdtemp(join(tmpdir(), 'exporter-engine-'));
  const signal = AbortSignal.timeout(60_000);
  const spawnDetached = nodeSpawner({ execPath: process.execPath, env: process.env });
  const { url, user, password } = await ensureEngine({ home: dir, spawnDetached, clock: systemClock, signal });
  const storeOptions = { url, user, password, database: `export_${randomUUID().slice(0, 8)}` };
  const store = openStore(storeOptions);
  await createDatabase(store);
  return {
    dir,
    store,
    storeOptions,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await stopEngine(dir, {
        clock: systemClock,
        signal: AbortSignal.timeout(30_000),
        kill: (pid, name) => process.kill(pid, name),
      });
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export const pendingHour: PendingEpoch = {
  table: 'btc_previous',
  startUs: START_US,
  endUs: START_US + HOUR_US,
  report: null,
  egress: null,
};

/** A fresh table with these rows. */
export async function fillTable(store: Store, table: string, rows: readonly Row[]): Promise<void> {
  await store.command(`DROP TABLE IF EXISTS \`${store.database}\`.\`${table}\``);
  await createRowTable(store, table);
  if (rows.length > 0) await insertPayloads(store, table, { payloads: [toPayload(rows)], queryId: randomUUID() });
}

export function toOptions(store: Store, exportDir: string): ExportOptions {
  return {
    store,
    exportDir,
    symbol: parseSymbol('BTC_USDT'),
    pending: pendingHour,
    egress: { route: 'direct', exitIp: '203.0.113.7' },
    clock: systemClock,
    signal: AbortSignal.timeout(60_000),
    telemetry: new Telemetry(silent),
  };
}

/** Every file below a directory. */
export async function listFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}
