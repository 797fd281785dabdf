import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { failure, type CaseTest, type StoreContext } from './context.ts';

const LONG = 'SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))';

async function untilListed({ rows }: StoreContext, queryId: string): Promise<void> {
  const query = 'SELECT query_id, user, query FROM system.processes WHERE query_id = {id:String}';
  for (let i = 0; i < 200; i += 1) {
    const found = await rows(query, { id: queryId });
    if (found.length > 0) return;
  }
  throw new Error(`the query ${queryId} did not appear in system.processes`);
}

/** Stopping a query, and knowing that it has stopped: exactly-once inserts rest on it. */
export function killCases(test: CaseTest): void {
  test('SYNC ends a running query before it answers', async (context) => {
    const queryId = randomUUID();
    const running = failure(context.client.query({ query: LONG, query_id: queryId }));
    await untilListed(context, queryId);
    const kill = 'KILL QUERY WHERE query_id = {id:String} SYNC';
    const killed = await context.client.query({ query: kill, query_params: { id: queryId }, format: 'JSONEachRow' });
    expect(await killed.json()).toMatchObject([{ kill_status: 'finished', query_id: queryId }]);
    expect(await context.rows('SELECT 1 FROM system.processes WHERE query_id = {id:String}', { id: queryId })).toEqual([]);
    expect(await running).toMatchObject({ code: '394', type: 'QUERY_WAS_CANCELLED' });
  });

  test('answers without rows when nothing matches', async ({ client }) => {
    const killed = await client.exec({ query: `KILL QUERY WHERE query_id = '${randomUUID()}' SYNC FORMAT TabSeparated` });
    let bytes = 0;
    for await (const chunk of killed.stream) if (Buffer.isBuffer(chunk)) bytes += chunk.length;
    expect(bytes).toBe(0);
  });

  test('TEST kills nothing', async (context) => {
    const queryId = randomUUID();
    const running = context.value('SELECT sleep(2)');
    await context.client.command({ query: `KILL QUERY WHERE query_id = '${queryId}' OR query LIKE '%sleep(2)%' TEST` });
    expect(await running).toBe('0');
  });

  test('refuses a second query under an id that is running', async (context) => {
    const queryId = randomUUID();
    const first = failure(context.client.query({ query: LONG, query_id: queryId }));
    await untilListed(context, queryId);
    const second = await failure(context.client.query({ query: 'SELECT 1', query_id: queryId }));
    expect(second).toMatchObject({ code: '216', type: 'QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING' });
    await context.client.command({ query: `KILL QUERY WHERE query_id = '${queryId}' SYNC` });
    expect(await first).toMatchObject({ code: '394' });
  });
}
