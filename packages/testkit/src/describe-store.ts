import { afterAll, beforeAll, describe, test } from 'vitest';
import { openContext, type CaseTest, type StoreUnderTest } from './store/context.ts';
import { errorCases } from './store/errors.ts';
import { insertCases } from './store/inserts.ts';
import { killCases } from './store/kill.ts';
import { parameterCases } from './store/parameters.ts';
import { queryCases } from './store/queries.ts';
import { tableCases } from './store/tables.ts';

/**
 * What this toolkit relies on in a ClickHouse, seen through an unmodified `@clickhouse/client`. A store that stands in for
 * ClickHouse must pass it, and so must ClickHouse.
 *
 * @param open starts or names the store; called once, disposed at the end. Each test works in a database of its own.
 */
export function describeStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a ClickHouse`, () => {
    let store: StoreUnderTest | undefined;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(async () => {
      await store?.[Symbol.asyncDispose]();
    });
    const inDatabase: CaseTest = (title, run) => {
      // oxlint-disable-next-line vitest/expect-expect, vitest/valid-title -- title and assertions are the caller's
      test(title, async () => {
        if (!store) throw new Error('the store was not opened');
        await using context = await openContext(store);
        await run(context);
      });
    };
    describe('queries', () => {
      queryCases(inDatabase);
    });
    describe('inserts', () => {
      insertCases(inDatabase);
    });
    describe('query parameters', () => {
      parameterCases(inDatabase);
    });
    describe('errors', () => {
      errorCases(inDatabase);
    });
    describe('tables', () => {
      tableCases(inDatabase);
    });
    describe('KILL QUERY', () => {
      killCases(inDatabase);
    });
  });
}
