import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@mexc-toolkit/core';
import { auditExports, type AuditReport } from '@mexc-toolkit/verifier';
import { afterEach, beforeEach, describe, test } from 'vitest';
import { HOUR_US, makeRows, START_US } from './rows.ts';
import { writeFixture, type Fixture } from './write-fixture.ts';

let dir: string;
let hours: Fixture[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'audit-'));
  hours = [];
  for (const [index, firstSeq] of [1, 51, 101, 151].entries()) {
    const startUs = START_US + index * HOUR_US;
    const before = hours.at(-1);
    const predecessor = before ? { file: before.relativePath, lastSeq: firstSeq - 1 } : null;
    hours.push(await writeFixture({ dir, rows: makeRows({ count: 50, firstSeq, startUs }), startUs, predecessor }));
  }
});
afterEach(async () => await rm(dir, { recursive: true }));

const audit = (): Promise<AuditReport> =>
  auditExports({ exportDir: dir, clock: systemClock, signal: AbortSignal.timeout(30_000) });
const messages = (report: AuditReport): string =>
  [
    ...report.findings,
    ...report.symbols.flatMap((symbol) => [...symbol.findings, ...symbol.problems.flatMap((problem) => problem.findings)]),
  ]
    .map((finding) => finding.message)
    .join('\n');

describe('auditExports', () => {
  test('proves every file and the chain over all of them', async ({ expect }) => {
    const report = await audit();
    expect(messages(report)).toBe('');
    expect(report).toMatchObject({
      verdict: 'match',
      files: 4,
      rows: 200,
      symbols: [{ symbol: 'BTC_USDT', firstSeq: 1, lastSeq: 200 }],
    });
  });

  test('finds an hour that is gone by the hole in the chain, and blames the file after it', async ({ expect }) => {
    await rm(hours[1]!.path);
    const report = await audit();
    expect(report.verdict).toBe('mismatch');
    expect(report.symbols[0]?.problems.map(({ path }) => path)).toEqual([hours[2]!.path]);
    expect(messages(report)).toContain('50 seqs missing before the file, first 51');
    expect(messages(report)).toContain(`${hours[1]!.relativePath.replace('.parquet', '.manifest.json')} has no Parquet file`);
  });

  test('finds two files that were swapped with their manifests', async ({ expect }) => {
    const [, a, b] = hours as [Fixture, Fixture, Fixture];
    await writeFile(a.path, b.bytes);
    await writeFile(b.path, a.bytes);
    await writeFile(a.manifestPath, JSON.stringify(b.manifest));
    await writeFile(b.manifestPath, JSON.stringify(a.manifest));
    const report = await audit();
    expect(report.verdict).toBe('mismatch');
    expect(report.symbols[0]?.problems.map(({ path }) => path)).toEqual(expect.arrayContaining([a.path, b.path]));
  });

  test('names renamed, foreign and left-over files', async ({ expect }) => {
    await rename(hours[3]!.path, hours[3]!.path.replace('T16', 'T17'));
    await writeFile(join(dir, 'notes.txt'), '');
    const left = `${hours[0]!.relativePath.replace('BTC_USDT-', '.BTC_USDT-')}.tmp-1`;
    await writeFile(join(dir, left), '');
    const report = await audit();
    expect(report.verdict).toBe('mismatch');
    expect(report.temporaries).toEqual([left]);
    expect(messages(report)).toContain('notes.txt is foreign here');
    expect(report.symbols[0]?.problems).toHaveLength(1);
  });

  test('does not blame a file for the damage of the one before', async ({ expect }) => {
    await writeFile(hours[1]!.path, hours[1]!.bytes.subarray(0, 300));
    const report = await audit();
    const verdicts = report.symbols[0]?.problems.map(({ path, verdict }) => [path, verdict]);
    expect(verdicts).toEqual([
      [hours[1]!.path, 'mismatch'],
      [hours[2]!.path, 'inconclusive'],
    ]);
  });

  test('gives a report for a directory that is not there or is empty', async ({ expect }) => {
    const options = { clock: systemClock, signal: AbortSignal.timeout(5000) };
    expect((await auditExports({ ...options, exportDir: join(dir, 'none') })).verdict).toBe('inconclusive');
    await mkdir(join(dir, 'empty'));
    expect(await auditExports({ ...options, exportDir: join(dir, 'empty') })).toMatchObject({ verdict: 'match', files: 0 });
  });
});
