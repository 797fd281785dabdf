import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { flipBits, toPositions } from './bit-flips.ts';
import { makeRows } from './rows.ts';
import { verify } from './verify.ts';
import { toParquet, writeFixture } from './write-fixture.ts';

let dir: string;
const rows = makeRows({ count: 450 });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flips-'));
});
afterAll(async () => await rm(dir, { recursive: true }));

describe('a damaged file of parquetjs-lite', () => {
  test.for([
    ['SNAPPY', 'snappy'],
    ['GZIP', 'gzip'],
    ['UNCOMPRESSED', 'none'],
  ] as const)(
    'is never a match, whichever bit is flipped (%s)',
    { timeout: 120_000 },
    async ([codec, compression], { expect }) => {
      const fixture = await writeFixture({ dir, rows, bytes: await toParquet(rows, codec), compression });
      const counts = await flipBits(fixture, toPositions(fixture.bytes, 150));
      expect(counts.honest).toEqual({ mismatch: counts.flips });
      expect(counts.silentChanges).toEqual([]);
    },
  );

  test('is never a match when it is cut short or has something appended', async ({ expect }) => {
    const { path, bytes } = await writeFixture({ dir, rows });
    const lengths = [
      ...Array.from({ length: 40 }, (_, index) => Math.floor((index * bytes.length) / 40)),
      bytes.length - 1,
      bytes.length - 8,
    ];
    for (const length of lengths) {
      await writeFile(path, bytes.subarray(0, length));
      expect((await verify(path)).verdict, `cut to ${length}`).toBe('mismatch');
    }
    await writeFile(path, Buffer.concat([bytes, Buffer.from('PAR1')]));
    expect((await verify(path)).verdict).toBe('mismatch');
  });
});
