import { test } from 'vitest';
import { openWorkplace } from './support/cli.ts';

test('the demo proves that what the exchange sent is what the files hold, twice in a row, and leaves nothing running', async ({
  expect,
}) => {
  await using place = await openWorkplace();
  for (let turn = 1; turn <= 2; turn += 1) {
    const { stdout, exitCode } = await place.run(['demo', '--seconds', '6', '--rate', '600', '--json']);
    expect(exitCode).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ lost: 0, duplicated: 0, audit: 'match' });
    expect(report.sent).toBeGreaterThan(1000);
    expect(report.stored).toBe(report.sent);
    expect(new Set(report.lanes.map(({ exitIp }: { exitIp: string }) => exitIp))).toEqual(
      new Set(['127.0.0.11', '127.0.0.12', '127.0.0.13']),
    );
    expect(report.rotations).toHaveLength(6);
    for (const { bufferedRows, arrivedDuringHold } of report.rotations) expect(bufferedRows).toBe(arrivedDuringHold);
    expect(report.exports).toHaveLength(9);
    for (const { verdict } of report.exports) expect(verdict).toBe('match');
    for (const { sameBytes } of report.proofs) expect(sameBytes).toBe(true);
    expect(JSON.parse((await place.run(['engine', 'status', '--json', '--home', '.mexc/demo'])).stdout)).toMatchObject({
      running: false,
    });
    expect(JSON.parse((await place.run(['down', '--json', '--home', '.mexc/demo'])).stdout)).toEqual({
      lanes: [],
      engine: false,
    });
  }
}, 180_000);
