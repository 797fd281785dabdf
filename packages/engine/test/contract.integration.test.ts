import { describeStore } from '@mexc-toolkit/testkit';
import { openTestEngine } from './open-test-engine.ts';

describeStore('the embedded engine', openTestEngine);

const server = process.env['MEXC_TEST_CLICKHOUSE_URL'];
if (server !== undefined) {
  const { protocol, host, username, password } = new URL(server);
  describeStore(`ClickHouse at ${host}`, async () => ({
    url: `${protocol}//${host}`,
    user: decodeURIComponent(username) || 'default',
    password: decodeURIComponent(password),
    [Symbol.asyncDispose]: async () => {},
  }));
}
