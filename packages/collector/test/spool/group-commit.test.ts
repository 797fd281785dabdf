import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CaptureError, systemClock, type Row } from '@mexc-toolkit/core';
import { describe, test } from 'vitest';
import { GroupCommit } from '../../src/spool/group-commit.ts';
import { readPayload } from '../../src/spool/read-payload.ts';
import { listSegments } from '../../src/spool/segment-file.ts';
import { Spool, type SpooledBlock } from '../../src/spool/spool.ts';
import { seqsOf } from '../support/blocks.ts';
import { openTempDirectory } from '../support/temp-directory.ts';
import { waitFor } from '../support/wait-for.ts';

const toRow = (seq: number, bytes = 20): Row => ({ tsMs: seq, mt: 't', m: Buffer.alloc(bytes, 'x'), tsRecvUs: seq, seq });

interface Bed {
  readonly commit: GroupCommit;
  readonly spool: Spool;
  readonly durable: SpooledBlock[];
  readonly blocked: (string | undefined)[];
  readonly pressure: boolean[];
}

async function openBed(
  directory: string,
  changes: { readonly intervalMs?: number; readonly bytes?: number; readonly segmentBytes?: number } = {},
): Promise<Bed> {
  const { segmentBytes = 1_000_000, ...more } = changes;
  const spool = await Spool.open({ directory, segmentBytes, sync: 'always', clock: systemClock, existing: new Map() });
  const durable: SpooledBlock[] = [];
  const blocked: (string | undefined)[] = [];
  const pressure: boolean[] = [];
  const commit = new GroupCommit({
    spool,
    clock: systemClock,
    intervalMs: 60_000,
    bytes: 1_000_000_000,
    random: Math.random,
    onDurable: (block) => durable.push(block),
    onBlocked: (error) => blocked.push(error?.code),
    onPressure: (high) => pressure.push(high),
    ...more,
  });
  return { commit, spool, durable, blocked, pressure };
}

const seqs = (blocks: readonly SpooledBlock[]): number[] => blocks.flatMap(({ payload }) => seqsOf(payload));

describe('a group commit', () => {
  test('makes many rows of several symbols durable by one write each, in order, and they are on disk', async ({ expect }) => {
    using directory = openTempDirectory();
    const { commit, spool, durable } = await openBed(directory.path);
    for (let seq = 1; seq <= 500; seq += 1) for (const base of ['btc', 'eth']) commit.append(base, toRow(seq));
    await commit.flush();
    expect(durable.map(({ location: { base, firstSeq, rows } }) => [base, firstSeq, rows])).toEqual([
      ['btc', 1, 500],
      ['eth', 1, 500],
    ]);
    for (const { location, payload } of durable) expect(await readPayload(location)).toEqual(payload);
    await spool[Symbol.asyncDispose]();
  });

  test('commits by itself after the interval, and as soon as enough bytes wait', async ({ expect }) => {
    using directory = openTempDirectory();
    const timed = await openBed(join(directory.path, 'a'), { intervalMs: 5 });
    timed.commit.append('btc', toRow(1));
    await waitFor('the interval', () => timed.durable.length === 1);
    const sized = await openBed(join(directory.path, 'b'), { bytes: 1000 });
    sized.commit.append('btc', toRow(1, 900));
    expect(sized.durable).toEqual([]);
    sized.commit.append('btc', toRow(2, 900));
    await waitFor('the bytes', () => sized.durable.length === 1);
    for (const { commit, spool } of [timed, sized]) {
      await commit.close();
      await spool[Symbol.asyncDispose]();
    }
  });

  test('ends a flush although rows never cease to arrive', async ({ expect }) => {
    using directory = openTempDirectory();
    const { commit, spool, durable } = await openBed(directory.path);
    let seq = 0;
    const append = (): void => commit.append('btc', toRow((seq += 1)));
    append();
    const flushed = new AbortController();
    const feed = (): void => {
      if (flushed.signal.aborted || seq >= 1_000_000) return;
      append();
      setImmediate(feed);
    };
    feed();
    const asked = seq;
    await commit.flush();
    flushed.abort();
    expect(seqs(durable).slice(0, asked)).toEqual(Array.from({ length: asked }, (_, index) => index + 1));
    expect(seq).toBeLessThan(1_000_000);
    await commit.close();
    expect(seqs(durable)).toEqual(Array.from({ length: seq }, (_, index) => index + 1));
    await spool[Symbol.asyncDispose]();
  });

  test('begins a new block where it is cut', async ({ expect }) => {
    using directory = openTempDirectory();
    const { commit, spool, durable } = await openBed(directory.path);
    for (const seq of [1, 2]) commit.append('btc', toRow(seq));
    commit.cut('btc');
    commit.cut('btc');
    commit.append('btc', toRow(3));
    await commit.close();
    expect(durable.map(({ location }) => [location.firstSeq, location.lastTsRecvUs])).toEqual([
      [1, 2],
      [3, 3],
    ]);
    await spool[Symbol.asyncDispose]();
  });

  test('tells that too much waits in memory, and again when it does not', async ({ expect }) => {
    using directory = openTempDirectory();
    const { commit, spool, pressure } = await openBed(directory.path, { bytes: 1_000_000_000 });
    const row = toRow(1, 1_000_000);
    for (let seq = 1; seq <= 33; seq += 1) commit.append('btc', { ...row, seq });
    expect(pressure).toEqual([]);
    commit.append('btc', { ...row, seq: 34 });
    expect(pressure).toEqual([true]);
    await commit.close();
    expect(pressure).toEqual([true, false]);
    await spool[Symbol.asyncDispose]();
  });

  test(
    'tries again while the disk is full, loses nothing, and leaves no litter',
    { skip: process.getuid?.() !== 0 },
    async ({ expect }) => {
      using directory = openTempDirectory();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory.path]);
      try {
        const filler = join(directory.path, 'filler');
        const spoolPath = join(directory.path, 'spool');
        const { commit, spool, durable, blocked } = await openBed(spoolPath, { intervalMs: 1 });
        commit.append('btc', toRow(1));
        await commit.flush();
        writeFileSync(filler, Buffer.alloc(48 * 1024));
        for (let seq = 2; seq <= 20; seq += 1) commit.append('btc', toRow(seq, 4000));
        await waitFor('the refusal', () => blocked.length === 1);
        for (let seq = 21; seq <= 25; seq += 1) commit.append('btc', toRow(seq));
        rmSync(filler);
        commit.append('btc', toRow(26));
        // 76 KB do not fit even now.
        execFileSync('mount', ['-o', 'remount,size=1m', directory.path]);
        await commit.flush();
        expect(blocked).toEqual(['SPOOL_UNWRITABLE', undefined]);
        expect(seqs(durable)).toEqual(Array.from({ length: 26 }, (_, index) => index + 1));
        expect((await listSegments(spoolPath)).length).toBeLessThanOrEqual(2);
        await commit.close();
        await spool[Symbol.asyncDispose]();
      } finally {
        execFileSync('umount', ['-l', directory.path]);
      }
    },
  );

  test('gives up at its close when the spool refuses, with a coded error and no further try', async ({ expect }) => {
    using directory = openTempDirectory();
    const path = join(directory.path, 'spool');
    const { commit, durable } = await openBed(path);
    rmSync(path, { recursive: true });
    commit.append('btc', toRow(1));
    const error = await commit.close().catch((reason: unknown) => reason);
    expect(CaptureError.is(error, 'SPOOL_UNWRITABLE')).toBe(true);
    expect(durable).toEqual([]);
  });
});

describe('a spool', () => {
  test('begins a segment when one is full, and never writes into one of an earlier life', async ({ expect }) => {
    using directory = openTempDirectory();
    for (let life = 0; life < 2; life += 1) {
      const { commit, spool } = await openBed(directory.path, { segmentBytes: 100 });
      for (let seq = 1; seq <= 3; seq += 1) {
        commit.append('btc', toRow(seq, 200));
        await commit.flush();
      }
      await spool[Symbol.asyncDispose]();
    }
    expect((await listSegments(directory.path)).map((path) => path.slice(-18))).toEqual(
      [1, 2, 3, 4, 5, 6].map((number) => `00000000000${number}.spool`),
    );
  });
});
