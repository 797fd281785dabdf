import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSimulator, type Simulator } from '@mexc-toolkit/simulator';
import { describe, test } from 'vitest';
import { openWorkplace, until, type Workplace } from './support/cli.ts';

const venueOf = (simulator: Simulator): Record<string, string> => ({
  MEXC_WS_URL: simulator.wsUrl,
  MEXC_REST_URL: simulator.restUrl,
  MEXC_IP_ECHO_URL: `${simulator.restUrl}/ip`,
  MEXC_STATISTICS_INTERVAL_MS: '500',
});

const statusOf = async (place: Workplace, lane: string): Promise<{ state: string; rows: number; exitIp: string } | undefined> => {
  const text = await readFile(join(place.home, 'run', `lane-${lane}.status.json`), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
};

const untilRows = (place: Workplace, lane: string, rows: number): Promise<unknown> =>
  until(async () => {
    const status = await statusOf(place, lane);
    return status && status.rows >= rows ? status : undefined;
  });

const ask = async (place: Workplace, sql: string): Promise<Record<string, unknown>> =>
  JSON.parse((await place.run(['query', sql, '--format', 'JSONEachRow'])).stdout);

describe('mexc collect', () => {
  test('records until Ctrl-C, drains, and exits 0 with every row in the table', async ({ expect }) => {
    await using simulator = await openSimulator({ symbols: ['BTC_USDT'], rate: 200 });
    await using place = await openWorkplace(venueOf(simulator));
    const collecting = place.start(['collect', '--symbol', 'btc_usdt', '--egress', 'bind:127.0.0.21']);
    await untilRows(place, 'btc', 100);
    simulator.pause();
    const sent = simulator.journal().symbols['BTC_USDT'];
    await untilRows(place, 'btc', sent!.frames);
    expect(await statusOf(place, 'btc')).toMatchObject({ exitIp: '127.0.0.21', route: 'bind:127.0.0.21' });
    collecting.kill('SIGINT');
    const { exitCode, stdout } = await collecting.ended;
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /BTC_USDT .*total \d+ {2}ticker \d+ {2}deal \d+ {2}depth \d+ {2}dead 0 {2}rate [\d.]+\/s {2}errors 0 {2}reconnects 0 {2}backlog \d+ {2}insert p50/,
    );
    const stored = await ask(place, 'SELECT count() AS n, max(seq) AS last, sum(xxHash64(m)) AS digest FROM btc_current');
    expect(stored).toEqual({ n: String(sent!.frames), last: String(sent!.frames), digest: sent!.digest });
  });

  test('goes on where it stopped, in the background, and refuses a second lane for the symbol', async ({ expect }) => {
    await using simulator = await openSimulator({ symbols: ['BTC_USDT', 'ETH_USDT'], rate: 100 });
    await using place = await openWorkplace(venueOf(simulator));
    const first = JSON.parse((await place.run(['collect', '-s', 'BTC_USDT', '-s', 'ETH_USDT', '--detach', '--json'])).stdout);
    expect(first.lanes).toHaveLength(2);
    const [lane] = first.lanes;
    expect(await readFile(join(place.home, 'run', `lane-${lane.lane}.pid`), 'utf8')).toBe(`${lane.pid}\n`);
    const second = await place.run(['collect', '-s', 'BTC_USDT', '--one-lane', '--json']);
    expect(second.exitCode).toBe(2);
    expect(second.stderr + second.stdout).toContain('LOCK_HELD');
    await untilRows(place, 'btc', 50);
    expect((await place.run(['down'])).stdout).toContain('Stopped lane btc');
    const before = await (await place.run(['engine', 'start']), ask(place, 'SELECT max(seq) AS last FROM btc_current'));
    await place.run(['collect', '-s', 'BTC_USDT', '--detach']);
    await untilRows(place, 'btc', 20);
    await place.run(['down']);
    const after = await ask(place, 'SELECT count() AS n, max(seq) AS last, uniqExact(seq) AS seqs FROM btc_current');
    expect(Number(after['last'])).toBeGreaterThan(Number(before['last']));
    expect(after['n']).toBe(after['last']);
    expect(after['seqs']).toBe(after['last']);
    expect(await ask(place, "SELECT count() AS n FROM gap_log WHERE symbol = 'BTC_USDT' AND kind = 'outage'")).toEqual({
      n: '1',
    });
  });

  test.for([
    [{ MEXC_WS_URL: 'ws://127.0.0.1:9/edge' }, [], 'VENUE_UNREACHABLE'],
    [{}, ['--egress', 'socks5://127.0.0.1:9'], 'EGRESS_UNREACHABLE'],
    [{}, ['--egress', 'bind:192.0.2.77'], 'EGRESS_UNREACHABLE'],
    [{}, ['--symbol', 'NOPE_USDT'], 'SYMBOL_UNKNOWN'],
  ] as const)('exits 4 at the start with %j %j: %s', async ([env, more, code], { expect }) => {
    await using simulator = await openSimulator({ symbols: ['BTC_USDT'], rate: 10 });
    await using place = await openWorkplace({ ...venueOf(simulator), ...env });
    const symbol = more.includes('--symbol' as never) ? [] : ['--symbol', 'BTC_USDT'];
    const { stderr, exitCode } = await place.run(['collect', ...symbol, ...more]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain(code);
    expect(stderr).not.toContain('    at ');
    const detached = await place.run(['collect', ...symbol, ...more, '--detach', '--json']);
    expect(detached.exitCode).toBe(4);
    expect(JSON.parse(detached.stdout).error.code).toBe(code);
  });
});

describe('mexc rotate, export, rebuild and verify', () => {
  test('prove, drop, audit, and make an epoch anew from the spool', async ({ expect }) => {
    await using simulator = await openSimulator({ symbols: ['BTC_USDT'], rate: 300 });
    await using place = await openWorkplace(venueOf(simulator));
    await place.run(['collect', '-s', 'BTC_USDT', '--detach']);
    await untilRows(place, 'btc', 200);
    const [one, two] = await Promise.all([place.run(['rotate', '--json']), place.run(['rotate', '--json'])]);
    expect(new Set([one.exitCode, two.exitCode])).toEqual(new Set([0, 2]));
    expect(one.stdout + two.stdout).toContain('ROTATION_BUSY');
    await untilRows(place, 'btc', 600);
    await place.run(['rotate']);
    await place.run(['down']);
    const pending = JSON.parse((await place.run(['export', '--list', '--json'])).stdout).pending;
    expect(pending).toHaveLength(2);
    const blocked = await place.run(['export', '--verify', '--json'], { MEXC_EXPORT_DIR: '/proc/nowhere' });
    expect(blocked.exitCode).toBe(5);
    expect(JSON.parse(blocked.stdout).error.code).toBe('EXPORT_UNWRITABLE');
    const { exports } = JSON.parse((await place.run(['export', '--verify', '--json'])).stdout);
    expect(exports.map(({ verdict, dropped }: { verdict: string; dropped: boolean }) => ({ verdict, dropped }))).toEqual([
      { verdict: 'match', dropped: true },
      { verdict: 'match', dropped: true },
    ]);
    expect((await place.run(['verify', 'exports'])).exitCode).toBe(0);

    const [first] = exports;
    const rebuilt = JSON.parse((await place.run(['rebuild', '-s', 'BTC_USDT', '--epoch', pending[0].epoch, '--json'])).stdout);
    expect(rebuilt.rows).toBe(first.rows);
    const again = JSON.parse((await place.run(['export', '--verify', '--json'])).stdout).exports;
    expect(again).toMatchObject([{ digest: first.digest, verdict: 'match', dropped: true }]);

    const bytes = await readFile(first.path);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    await writeFile(first.path, bytes);
    const audit = await place.run(['verify', 'exports', '--json']);
    expect(audit.exitCode).toBe(6);
    expect(JSON.parse(audit.stdout).verdict).not.toBe('match');
  });

  test('exits 6 and keeps everything when a table does not prove', async ({ expect }) => {
    await using simulator = await openSimulator({ symbols: ['BTC_USDT'], rate: 300 });
    await using place = await openWorkplace(venueOf(simulator));
    await place.run(['collect', '-s', 'BTC_USDT', '--detach']);
    await untilRows(place, 'btc', 100);
    await place.run(['rotate']);
    await place.run(['down']);
    await place.run(['query', 'INSERT INTO btc_previous SELECT * FROM btc_previous WHERE seq = 7']);
    const failed = await place.run(['export', '--verify', '--json']);
    expect(failed.exitCode).toBe(6);
    expect(JSON.parse(failed.stdout).error).toMatchObject({ code: 'EXPORT_MISMATCH' });
    const epoch = JSON.parse((await place.run(['export', '--list', '--json'])).stdout).pending[0].epoch;
    const rebuilt = JSON.parse((await place.run(['rebuild', '-s', 'BTC_USDT', '--epoch', epoch, '--json'])).stdout);
    expect(rebuilt.setAside).toContain('btc_damaged_');
    const mended = JSON.parse((await place.run(['export', '--verify', '--json'])).stdout).exports;
    expect(mended).toMatchObject([{ verdict: 'match', dropped: true }]);
  });
});
