import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { scanSegment, type Scanned } from '../../src/spool/scan-segment.ts';
import { toBlock, toBytes } from '../support/blocks.ts';
import { openTempDirectory } from '../support/temp-directory.ts';

async function scan(
  bytes: Uint8Array,
  options: { readonly last?: boolean; readonly check?: boolean; readonly fromOffset?: number } = {},
): Promise<Scanned[]> {
  using directory = openTempDirectory();
  const path = join(directory.path, 'segment');
  writeFileSync(path, bytes);
  const found: Scanned[] = [];
  const { last = true, check = true, ...more } = options;
  for await (const one of scanSegment(path, { last, check: () => check, ...more })) found.push(one);
  return found;
}

const firstSeqs = (found: readonly Scanned[]): number[] =>
  found.flatMap((one) => (one.kind === 'block' ? [one.block.firstSeq] : []));
const kinds = (found: readonly Scanned[]): string[] => found.map(({ kind }) => kind);
const blocks = [toBlock('btc', 1, 3), toBlock('eth', 1, 1), toBlock('btc', 4, 5), toBlock('btc', 9, 2)];
const encoded = blocks.map(toBytes);
const whole = Buffer.concat(encoded);
const offsets = encoded.map((_, index) => encoded.slice(0, index).reduce((sum, { length }) => sum + length, 0));

describe('scanSegment', () => {
  test('finds every block, where it lies', async ({ expect }) => {
    const found = await scan(whole);
    expect(kinds(found)).toEqual(['block', 'block', 'block', 'block']);
    for (const [index, one] of found.entries()) {
      if (one.kind !== 'block') throw new Error('no block');
      const { payload, ...block } = blocks[index]!;
      expect(one.block).toMatchObject({ ...block, offset: offsets[index], payloadBytes: payload.length });
      expect(whole.subarray(one.block.payloadOffset, one.block.payloadOffset + payload.length)).toEqual(payload);
    }
    expect(firstSeqs(await scan(whole, { fromOffset: offsets[2]! }))).toEqual([4, 9]);
    expect(await scan(Buffer.alloc(0))).toEqual([]);
  });

  test('keeps what is whole when the last block is torn at any byte, and says where the tear is', async ({ expect }) => {
    for (let end = offsets[3]! + 1; end < whole.length; end += 1) {
      const found = await scan(whole.subarray(0, end));
      expect(firstSeqs(found)).toEqual([1, 1, 4]);
      expect(found.at(-1)).toMatchObject({ kind: 'torn', offset: offsets[3], bytes: end - offsets[3]! });
      expect((await scan(whole.subarray(0, end), { last: false })).at(-1)).toMatchObject({ kind: 'damage', offset: offsets[3] });
    }
  });

  test('loses exactly one block to a flipped byte, wherever it lies, and finds the ones after it', async ({ expect }) => {
    for (let at = offsets[2]!; at < offsets[3]!; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 0x10;
      const found = await scan(damaged);
      expect(firstSeqs(found)).toEqual([1, 1, 9]);
      expect(found.filter(({ kind }) => kind === 'damage')).toMatchObject([{ offset: offsets[2], bytes: encoded[2]!.length }]);
    }
  });

  test('is not deceived by a block that lies inside the payload of a damaged one', async ({ expect }) => {
    const inner = toBytes(toBlock('btc', 100, 1));
    const payload = Buffer.concat([Buffer.from('before'), inner, Buffer.from('after')]);
    const outer = toBytes({ ...toBlock('btc', 1, 1), payload });
    outer[outer.length - 1]! ^= 1;
    expect(firstSeqs(await scan(Buffer.concat([outer, encoded[3]!])))).toEqual([9]);
  });

  test('checks payloads only when asked to', async ({ expect }) => {
    const damaged = Buffer.from(whole);
    damaged[offsets[3]! - 1]! ^= 1;
    expect(firstSeqs(await scan(damaged, { check: false }))).toEqual([1, 1, 4, 9]);
  });

  test('finds the blocks behind and between any garbage, also where it looks like the start of a block', async ({ expect }) => {
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constant(Buffer.from('mxspmxspmx')),
      fc.nat({ max: 60 }).map((end) => encoded[1]!.subarray(0, end)),
      fc.constant(Buffer.concat([Buffer.alloc(1024 * 1024 - 2), Buffer.from('mxsp')])), // over the edge of the window
    );
    await fc.assert(
      fc.asyncProperty(garbage, garbage, garbage, async (a, b, c) => {
        const found = await scan(Buffer.concat([a, encoded[0]!, b, encoded[2]!, c]));
        expect(firstSeqs(found)).toEqual([1, 4]);
        expect(kinds(found)).toEqual([
          ...(a.length > 0 ? ['damage'] : []),
          'block',
          ...(b.length > 0 ? ['damage'] : []),
          'block',
          ...(c.length > 0 ? ['torn'] : []),
        ]);
      }),
      { numRuns: 60 },
    );
  });

  test('reads payloads that are larger than its window', async ({ expect }) => {
    const large = { ...toBlock('btc', 1, 1), payload: Buffer.alloc(3_000_000, 'mxsp') };
    expect(kinds(await scan(Buffer.concat([toBytes(large), encoded[2]!])))).toEqual(['block', 'block']);
    const damaged = Buffer.concat([toBytes(large), encoded[2]!]);
    damaged[2_000_000]! ^= 1;
    expect(firstSeqs(await scan(damaged))).toEqual([4]);
  });
});
