import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  createDatabase,
  createRowTable,
  insertPayloads,
  openStore,
  rowBytes,
  systemClock,
  writeRow,
  type Row,
  type Store,
} from '@mexc-toolkit/core';
import { ensureEngine, nodeSpawner, stopEngine } from '@mexc-toolkit/engine';

/** An engine of its own in a temporary home, with a database of a unique name. */
export interface EngineContext extends AsyncDisposable {
  readonly dir: string;
  readonly store: Store;
}

export async function openEngine(): Promise<EngineContext> {
  const dir = await mkdtemp(join(tmpdir(), 'verifier-engine-'));
  const signal = AbortSignal.timeout(60_000);
  const spawnDetached = nodeSpawner({ execPath: process.execPath, env: process.env });
  const { url, user, password } = await ensureEngine({ home: dir, spawnDetached, clock: systemClock, signal });
  const store = openStore({ url, user, password, database: `verify_${randomUUID().slice(0, 8)}` });
  await createDatabase(store);
  return {
    dir,
    store,
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

/** A fresh table with these rows. */
export async function fillTable(store: Store, table: string, rows: readonly Row[]): Promise<void> {
  await store.command(`DROP TABLE IF EXISTS \`${store.database}\`.\`${table}\``);
  await createRowTable(store, table);
  const payload = Buffer.alloc(rows.reduce((sum, row) => sum + rowBytes(row.m.length), 0));
  rows.reduce((offset, row) => writeRow(payload, offset, row), 0);
  if (rows.length > 0) await insertPayloads(store, table, { payloads: [payload], queryId: randomUUID() });
}

/** The server's own Parquet of a table, asked for here and not through the exporter. */
export async function toServerParquet(store: Store, table: string, compression: string): Promise<Buffer> {
  const answer = await store.stream(
    `SELECT ts, toString(mt) AS mt, m, ts_recv, seq FROM \`${store.database}\`.\`${table}\` ORDER BY seq
     SETTINGS output_format_parquet_compression_method = '${compression}', output_format_parquet_row_group_size = 200 FORMAT Parquet`,
  );
  return await buffer(answer);
}
