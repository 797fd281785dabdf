import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest';
import { openTestEngine } from './open-test-engine.ts';
import { ask, openRequest, until } from './raw-http.ts';

const INSERT = 'INSERT INTO t FORMAT TabSeparated';
const rows = (from: number, count: number): string => Array.from({ length: count }, (_, i) => `${from + i}\n`).join('');

describe('a running request and KILL QUERY', () => {
  let engine: Awaited<ReturnType<typeof openTestEngine>>;
  const value = async (sql: string): Promise<string> => (await ask(engine, sql)).text.trim();
  const isRunning = async (queryId: string): Promise<boolean> =>
    (await value(`SELECT count() FROM system.processes WHERE query_id = '${queryId}'`)) !== '0';
  const kill = (queryId: string, mode = 'SYNC'): Promise<string> => value(`KILL QUERY WHERE query_id = '${queryId}' ${mode}`);

  beforeAll(async () => {
    engine = await openTestEngine();
  });
  afterAll(() => engine[Symbol.asyncDispose]());
  beforeEach(async () => {
    await ask(engine, 'CREATE OR REPLACE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n');
  });

  test('is listed from its headers on, before its body', async ({ expect }) => {
    using request = await openRequest(engine, { query: INSERT, queryId: 'listed', length: 100 });
    await until('the request is listed', () => isRunning('listed'));
    expect(await value("SELECT user, query_kind, query FROM system.processes WHERE query_id = 'listed'")).toBe(
      `default\tInsert\t${INSERT}`,
    );
    request.socket.destroy();
    await until('the request is gone', async () => !(await isRunning('listed')));
  });

  test('KILL QUERY SYNC ends an INSERT whose body is on its way: it is never executed', async ({ expect }) => {
    const body = rows(0, 100);
    using request = await openRequest(engine, { query: INSERT, queryId: 'half', length: body.length });
    await request.send(body.slice(0, 50));
    await until('the request is listed', () => isRunning('half'));
    expect(await kill('half')).toBe(`finished\thalf\tdefault\t${INSERT}`);
    await request.send(body.slice(50));
    expect(await request.answer).toContain('Code: 394. DB::Exception: Query was cancelled. (QUERY_WAS_CANCELLED)');
    expect(await value('SELECT count() FROM t')).toBe('0');
  });

  test('after KILL QUERY SYNC nothing of an INSERT that was sent before comes to be', async ({ expect }) => {
    const body = rows(0, 500);
    for (let round = 0; round < 40; round += 1) {
      const queryId = `race-${round}`;
      using request = await openRequest(engine, { query: INSERT, queryId, length: body.length });
      await request.send(body);
      const killing = kill(queryId);
      await killing;
      const counted = await value('SELECT count() FROM t');
      await request.answer;
      expect(await value('SELECT count() FROM t')).toBe(counted);
      expect(Number(counted) % 500).toBe(0);
    }
  });

  test('a connection that closes before its body is complete inserts nothing', async ({ expect }) => {
    const body = rows(0, 100);
    for (let round = 0; round < 10; round += 1) {
      const queryId = `cut-${round}`;
      using request = await openRequest(engine, { query: INSERT, queryId, length: body.length });
      await request.send(body.slice(0, body.length - 2));
      if (round % 2) await until('the request is listed', () => isRunning(queryId));
      request.socket.destroy();
      await until('the request is gone', async () => !(await isRunning(queryId)));
    }
    expect(await value('SELECT count() FROM t')).toBe('0');
  });

  test('a connection that closes after its body is complete inserts all of it', async ({ expect }) => {
    const body = rows(0, 1000);
    using request = await openRequest(engine, { query: INSERT, queryId: 'left', length: body.length });
    await request.send(body);
    request.socket.end();
    await until('the rows are there', async () => (await value('SELECT count() FROM t')) === '1000');
    expect(await value('SELECT uniqExact(n) FROM t')).toBe('1000');
  });

  test('a second request with the id of a running one is refused, also while that one reads its body', async ({ expect }) => {
    using request = await openRequest(engine, { query: INSERT, queryId: 'twice', length: 10 });
    await until('the request is listed', () => isRunning('twice'));
    const second = await ask(engine, 'SELECT 1', { query_id: 'twice' });
    expect(second).toMatchObject({ status: 500, text: expect.stringContaining('Code: 216.') });
    request.socket.destroy();
    await until('the request is gone', async () => !(await isRunning('twice')));
    expect((await ask(engine, 'SELECT 1', { query_id: 'twice' })).status).toBe(200);
  });

  test('ASYNC answers at once, TEST only lists', async ({ expect }) => {
    const long = ask(engine, 'SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))', {
      query_id: 'long',
    });
    await until('the query is listed', () => isRunning('long'));
    expect(await kill('long', 'TEST')).toMatch(/^unknown_status\tlong\tdefault\t/);
    expect(await isRunning('long')).toBe(true);
    expect(await kill('long', 'ASYNC')).toMatch(/^waiting\tlong\tdefault\t/);
    expect((await long).text).toContain('Code: 394.');
  });

  test('takes any condition over query, user and elapsed', async ({ expect }) => {
    const asked = ask(engine, 'SELECT sleep(3) AS marked_query', { query_id: 'marked' });
    await until('the query is listed', () => isRunning('marked'));
    const sql =
      "KILL QUERY WHERE user = 'default' AND query LIKE '%marked_query%' AND elapsed < 60 AND query_kind = 'Select' SYNC FORMAT JSONEachRow";
    expect(JSON.parse(await value(sql))).toMatchObject({ kill_status: 'finished', query_id: 'marked' });
    expect((await asked).text).toContain('Code: 394.');
    expect((await ask(engine, 'KILL QUERY WHERE no_such_column = 1')).status).toBe(404);
  });

  test('reaches requests that wait for a session, while all sessions are busy', async ({ expect }) => {
    const busy = Array.from({ length: 8 }, (_, i) =>
      ask(engine, 'SELECT sleepEachRow(1) FROM numbers(3)', { query_id: `busy-${i}` }),
    );
    await until('all sessions are busy', async () => {
      const { text } = await ask(engine, "KILL QUERY WHERE query_id LIKE 'busy-%' TEST");
      return text.split('\n').filter(Boolean).length === 8;
    });
    const waiting = ask(engine, 'INSERT INTO t SELECT 1', { query_id: 'waiting' });
    await until('the INSERT is listed', async () => (await kill('waiting', 'TEST')) !== '');
    expect(await kill('waiting')).toMatch(/^finished\twaiting/);
    expect((await waiting).text).toContain('Code: 394.');
    expect((await ask(engine, "KILL QUERY WHERE query_id LIKE 'busy-%' SYNC")).text.split('\n')).toHaveLength(9);
    await Promise.all(busy);
    expect(await value('SELECT count() FROM t')).toBe('0');
  });

  test('two KILL QUERY of everything do not wait for each other', async ({ expect }) => {
    const both = await Promise.all([ask(engine, 'KILL QUERY WHERE 1 SYNC'), ask(engine, 'KILL QUERY WHERE 1 SYNC')]);
    for (const each of both) expect([200, 500]).toContain(each.status);
  });

  test('a SELECT ends when its client leaves', async ({ expect }) => {
    const queryId = randomUUID();
    using request = await openRequest(engine, {
      query: "SELECT number, repeat('x', 100) FROM numbers(1000000000000)",
      queryId,
      length: 0,
    });
    await until('the query is listed', () => isRunning(queryId));
    request.socket.destroy();
    await until('the query is gone', async () => !(await isRunning(queryId)));
    expect(await isRunning(queryId)).toBe(false);
  });

  test('a SELECT whose client reads nothing can be killed', async ({ expect }) => {
    const queryId = randomUUID();
    using request = await openRequest(engine, {
      query: "SELECT number, repeat('x', 100) FROM numbers(1000000000000)",
      queryId,
      length: 0,
    });
    request.socket.pause();
    await until('the query is listed', () => isRunning(queryId));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await kill(queryId)).toMatch(/^finished/);
  });
});
