import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEngine, readEngineAddress } from '@mexc-toolkit/engine';
import { afterEach, beforeEach, describe, test } from 'vitest';
import { endEngine, startEngine } from './open-test-engine.ts';
import { ask, openRequest, until } from './raw-http.ts';

const ROWS_A_BATCH = 250;
const BATCH = Array.from({ length: ROWS_A_BATCH }, (_, i) => `${i}\tsome text that makes the row longer\n`).join('');

describe('the daemon of a home', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'mexc-engine-'));
  });
  afterEach(async () => {
    await endEngine(home);
    rmSync(home, { recursive: true, force: true });
  });

  test('is one, however many start it at once', async ({ expect }) => {
    const addresses = await Promise.all(Array.from({ length: 4 }, () => startEngine(home)));
    expect(new Set(addresses.map(({ pid }) => pid)).size).toBe(1);
    expect(await findEngine(home)).toEqual(addresses[0]);
  });

  test('is found while it runs and not after it has stopped', async ({ expect }) => {
    expect(await findEngine(home)).toBeUndefined();
    expect(await endEngine(home)).toBe(false);
    await startEngine(home);
    expect(await endEngine(home)).toBe(true);
    expect(await findEngine(home)).toBeUndefined();
    expect(readEngineAddress(home)).toBeUndefined();
  });

  test('comes back on its port with its data and password', async ({ expect }) => {
    const first = await startEngine(home);
    await ask(first, 'CREATE TABLE t (n UInt8) ENGINE = StripeLog');
    await ask(first, 'INSERT INTO t VALUES (7)');
    await endEngine(home);
    const second = await startEngine(home);
    expect(second).toMatchObject({ url: first.url, password: first.password });
    expect((await ask(second, 'SELECT n FROM t')).text).toBe('7\n');
  });

  test('keeps its files to its user and its password out of the log', async ({ expect }) => {
    const engine = await startEngine(home);
    await ask({ ...engine, password: 'wrong' }, 'SELECT 1');
    for (const directory of ['engine', 'engine/data', 'engine/tmp', 'run', 'logs'])
      expect(statSync(join(home, directory)).mode & 0o077).toBe(0);
    for (const file of ['engine/password', 'engine/reader-password', 'run/engine.json', 'logs/engine.log']) {
      expect(statSync(join(home, file)).mode & 0o077).toBe(0);
    }
    expect(readFileSync(join(home, 'run/engine.json'), 'utf8')).not.toContain(engine.password);
    expect(readFileSync(join(home, 'logs/engine.log'), 'utf8')).not.toContain(engine.password);
  });

  test('lets a running request end when it is told to stop', async ({ expect }) => {
    const engine = await startEngine(home);
    const running = ask(engine, 'SELECT sleep(1)', { query_id: 'slow' });
    await until(
      'the query runs',
      async () => (await ask(engine, "SELECT count() FROM system.processes WHERE query_id = 'slow'")).text === '1\n',
    );
    expect(await endEngine(home)).toBe(true);
    expect(await running).toMatchObject({ status: 200, text: '0\n' });
  });

  test('has every acknowledged row after kill -9 in mid-insert, in whole batches, five times over', async ({ expect }) => {
    let acknowledged = 0;
    for (let round = 0; round < 5; round += 1) {
      const engine = await startEngine(home);
      await ask(engine, 'CREATE TABLE IF NOT EXISTS t (n UInt32, s String) ENGINE = StripeLog');
      const { text } = await ask(engine, 'SELECT count() FROM t');
      expect(Number(text)).toBeGreaterThanOrEqual(acknowledged * ROWS_A_BATCH);
      expect(Number(text) % ROWS_A_BATCH).toBe(0);
      acknowledged = Number(text) / ROWS_A_BATCH;
      const killed = new AbortController();
      const insert = async (): Promise<void> => {
        while (!killed.signal.aborted) {
          const { status } = await ask(engine, BATCH, { query: 'INSERT INTO t FORMAT TabSeparated' });
          if (status === 200) acknowledged += 1;
        }
      };
      const inserting = Promise.allSettled([insert(), insert(), insert()]);
      await new Promise((resolve) => setTimeout(resolve, 300 + round * 37));
      process.kill(engine.pid, 'SIGKILL');
      killed.abort();
      await inserting;
    }
    const engine = await startEngine(home);
    const { text } = await ask(engine, 'SELECT count(), count() % 250 FROM t');
    expect(Number(text.split('\t')[0])).toBeGreaterThanOrEqual(acknowledged * ROWS_A_BATCH);
    expect(text.split('\t')[1]).toBe('0\n');
    expect(acknowledged).toBeGreaterThan(10);
  });

  test('leaves no file of a request behind, not even after kill -9', async ({ expect }) => {
    const bodies = (): string[] => readdirSync(join(home, 'engine/tmp')).filter((name) => !name.endsWith('.pipe'));
    const engine = await startEngine(home);
    await ask(engine, 'CREATE TABLE t (n UInt32, s String) ENGINE = StripeLog');
    await ask(engine, BATCH, { query: 'INSERT INTO t FORMAT TabSeparated' });
    await ask(engine, 'x', { query: 'INSERT INTO t FORMAT TabSeparated' });
    await ask(engine, 'SELECT * FROM t', { wait_end_of_query: '1' });
    expect(bodies()).toEqual([]);
    using request = await openRequest(engine, { query: 'INSERT INTO t FORMAT TabSeparated', queryId: 'cut', length: 5_000_000 });
    await request.send('1\ta\n'.repeat(1_000_000));
    await until('a body is on disk', () => Promise.resolve(bodies().length === 1));
    process.kill(engine.pid, 'SIGKILL');
    await startEngine(home);
    expect(bodies()).toEqual([]);
  });
});
