import { stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { openWorkplace } from './support/cli.ts';

const errorOf = (stdout: string): { code: string; message: string; hint: string } => JSON.parse(stdout).error;

describe('mexc', () => {
  test('shows every command with --help', async ({ expect }) => {
    await using place = await openWorkplace();
    const { stdout, exitCode } = await place.run(['--help']);
    expect(exitCode).toBe(0);
    for (const command of ['archive', 'collect', 'demo', 'down', 'export', 'query', 'rebuild', 'rotate', 'setup', 'simulate'])
      expect(stdout).toContain(`\n  ${command} `);
    for (const topic of ['config', 'engine', 'verify']) expect(stdout).toContain(topic);
  });

  test.for([
    ['../x', 'a path'],
    ["BTC_USDT'; DROP TABLE x", 'quotes'],
    ['BTC`USDT', 'a backtick'],
    ['BTCUSDT', 'no separator'],
    ['', 'nothing'],
  ])('refuses %j (%s) as a symbol before anything is started', async ([symbol], { expect }) => {
    await using place = await openWorkplace();
    const { stdout, exitCode } = await place.run(['collect', '--symbol', symbol!, '--json']);
    expect(exitCode).toBe(2);
    expect(errorOf(stdout).code).toMatch(/^(SYMBOL_MALFORMED|USAGE_INVALID)$/);
    expect((await place.run(['engine', 'status', '--json'])).stdout).toContain('"running": false');
  });

  test('tells a wrong flag as JSON when JSON is asked for', async ({ expect }) => {
    await using place = await openWorkplace();
    const { stdout, exitCode } = await place.run(['rotate', '--json', '--nope']);
    expect(exitCode).toBe(2);
    expect(errorOf(stdout)).toMatchObject({ code: 'USAGE_INVALID', message: 'Nonexistent flag: --nope' });
  });

  test('wants a symbol', async ({ expect }) => {
    await using place = await openWorkplace();
    const { stderr, exitCode } = await place.run(['collect']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('USAGE_INVALID');
  });

  test('lists every problem of the configuration at once and exits 3', async ({ expect }) => {
    await using place = await openWorkplace();
    await writeFile(
      join(place.directory, 'mexc.yaml'),
      'hme: x\nspool: { commitBytes: lots, synk: always }\nrotation: { bufferRows: -1 }\n',
    );
    const { stderr, exitCode } = await place.run(['setup'], { MEXC_WS_URL: 'http://not-a-socket' });
    expect(exitCode).toBe(3);
    for (const part of [
      'hme',
      'synk',
      'spool.commitBytes',
      'rotation.bufferRows',
      'venue.wsUrl',
      'MEXC_WS_URL',
      'CONFIG_INVALID',
    ])
      expect(stderr).toContain(part);
  });

  test('refuses a configuration file that is named but not there', async ({ expect }) => {
    await using place = await openWorkplace();
    const { stderr, exitCode } = await place.run(['setup', '--config', 'nowhere.yaml']);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('CONFIG_UNREADABLE');
  });

  test('shows where each setting comes from, and no secret', async ({ expect }) => {
    await using place = await openWorkplace();
    await writeFile(join(place.directory, 'mexc.yaml'), 'clickhouse: { password: hunter2 }\nspool: { commitIntervalMs: 20 }\n');
    const { stdout, stderr, exitCode } = await place.run(['config', 'check', '--json', '--home', 'elsewhere'], {
      MEXC_EXPORT_DIR: 'out',
      MEXC_EGRESS: 'socks5://u:hunter2@127.0.0.1:1',
    });
    expect(exitCode).toBe(0);
    const settings = new Map(JSON.parse(stdout).settings.map((setting: { path: string }) => [setting.path, setting]));
    expect(settings.get('home')).toMatchObject({ origin: 'flag' });
    expect(settings.get('exportDir')).toMatchObject({ origin: 'env' });
    expect(settings.get('spool.commitIntervalMs')).toMatchObject({ origin: 'file', value: 20 });
    expect(settings.get('insert.maxBytes')).toMatchObject({ origin: 'default' });
    expect(stdout + stderr).not.toContain('hunter2');
  });

  test.for(['carrier-pigeon', 'bind:not-an-address', 'socks5://nohost', 'socks5://u:hunter2@host'])(
    'refuses the egress %s and hides its password',
    async (egress, { expect }) => {
      await using place = await openWorkplace();
      const { stdout, stderr, exitCode } = await place.run(['collect', '--symbol', 'BTC_USDT', '--egress', egress]);
      expect(exitCode).toBe(3);
      expect(stderr).toContain('EGRESS_INVALID');
      expect(stdout + stderr).not.toContain('hunter2');
    },
  );

  test('says that the store cannot be reached, and exits 5', async ({ expect }) => {
    await using place = await openWorkplace({ MEXC_CLICKHOUSE_URL: 'http://127.0.0.1:9' });
    for (const command of [['collect', '--symbol', 'BTC_USDT'], ['setup'], ['export'], ['rotate']]) {
      const { stdout, exitCode } = await place.run([...command, '--json']);
      expect(exitCode).toBe(5);
      expect(errorOf(stdout)).toMatchObject({ code: 'STORE_UNREACHABLE' });
    }
  });

  test('answers questions in any format of ClickHouse', async ({ expect }) => {
    await using place = await openWorkplace();
    await place.run(['setup', '--symbol', 'btc_usdt']);
    const { stdout } = await place.run(['query', 'SELECT count() AS n FROM btc_current', '--format', 'JSONEachRow']);
    expect(JSON.parse(stdout)).toEqual({ n: '0' });
    const wrong = await place.run(['query', 'SELECT * FROM nowhere']);
    expect(wrong.exitCode).toBe(5);
    expect(wrong.stderr).toContain('UNKNOWN_TABLE');
  });

  test('finds nothing to do in an empty home', async ({ expect }) => {
    await using place = await openWorkplace();
    await place.run(['setup']);
    expect(JSON.parse((await place.run(['rotate', '--json'])).stdout)).toEqual({ rotations: [] });
    expect(JSON.parse((await place.run(['export', '--verify', '--json'])).stdout)).toEqual({ exports: [] });
    expect((await place.run(['archive', '--once'])).exitCode).toBe(0);
    const unknown = await place.run(['rotate', '--symbol', 'ADA_USDT', '--json']);
    expect(unknown.exitCode).toBe(2);
    expect(errorOf(unknown.stdout).code).toBe('EPOCH_UNKNOWN');
  });

  test('makes home and secrets unreadable for others', async ({ expect }) => {
    await using place = await openWorkplace();
    await place.run(['setup']);
    expect((await stat(join(place.home, 'engine'))).mode & 0o077).toBe(0);
    expect((await stat(join(place.home, 'engine', 'password'))).mode & 0o777).toBe(0o600);
  });

  test('does not start a second engine in one home, and stops the one', async ({ expect }) => {
    await using place = await openWorkplace();
    const started = await Promise.all([1, 2, 3].map(() => place.run(['engine', 'start', '--json'])));
    expect(new Set(started.map(({ stdout }) => JSON.parse(stdout).pid)).size).toBe(1);
    expect(JSON.parse((await place.run(['engine', 'stop', '--json'])).stdout)).toEqual({ stopped: true });
    expect(JSON.parse((await place.run(['engine', 'stop', '--json'])).stdout)).toEqual({ stopped: false });
  });

  test('refuses a port that is taken for the simulator', async ({ expect }) => {
    await using place = await openWorkplace();
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { stdout, exitCode } = await place.run(['simulate', '--port', String(port), '--json']);
    server.close();
    expect(exitCode).toBe(4);
    expect(errorOf(stdout).code).toBe('SIMULATOR_FAILED');
  });
});
