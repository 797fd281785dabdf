import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { loadRowDigest, MESSAGE_TYPES, readRows, rowBytes, writeRow, type Row } from '@mexc-toolkit/core';

const bytesOf = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const EDGES = [0, 1, 127, 128, 129, 16_383, 16_384, 16_385];
const anyRow: fc.Arbitrary<Row> = fc.record({
  tsMs: fc.integer({ min: 0, max: 10_413_791_999_999 }),
  mt: fc.constantFrom(...MESSAGE_TYPES),
  m: fc.oneof(fc.uint8Array(), fc.constantFrom(...EDGES).chain(bytesOf)),
  tsRecvUs: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
});

function encode(rows: readonly Row[]): Buffer {
  const payload = Buffer.alloc(rows.reduce((sum, { m }) => sum + rowBytes(m.length), 0));
  const end = rows.reduce((offset, row) => writeRow(payload, offset, row), 0);
  if (end !== payload.length) throw new Error('rowBytes and writeRow disagree');
  return payload;
}

describe('RowBinary', () => {
  test('gives back every row that was written, any bytes, any number', ({ expect }) => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 8 }), (rows) => {
        const payload = encode(rows);
        const read = [...readRows(payload)];
        expect(read.map(({ tsMs, mt, m, tsRecvUs, seq }) => ({ tsMs, mt, m: Buffer.from(m), tsRecvUs, seq }))).toEqual(
          rows.map((row) => ({ ...row, m: Buffer.from(row.m) })),
        );
        expect(read.at(-1)?.endOffset ?? 0).toBe(payload.length);
      }),
    );
  });

  test.for(EDGES)('writes the length %i as ClickHouse does', (length, { expect }) => {
    const [row] = [{ tsMs: 1, mt: 't' as const, m: Buffer.alloc(length), tsRecvUs: 2, seq: 3 }];
    const payload = encode([row]);
    const digits: number[] = [];
    for (let rest = length; ; rest >>>= 7) {
      digits.push(rest >= 128 ? (rest & 127) | 128 : rest);
      if (rest < 128) break;
    }
    expect([...payload.subarray(9, 9 + digits.length)]).toEqual(digits);
  });

  test('cut anywhere inside a row is a RangeError', ({ expect }) => {
    const payload = encode([
      { tsMs: 1, mt: 'd', m: Buffer.from('{"p":1}'), tsRecvUs: 2, seq: 3 },
      { tsMs: 1, mt: 'dl', m: Buffer.alloc(200), tsRecvUs: 4, seq: 4 },
    ]);
    const [first] = readRows(payload);
    for (let end = 1; end < payload.length; end += 1) {
      const read = (): unknown => [...readRows(payload.subarray(0, end))];
      if (end === first!.endOffset) expect(read()).toHaveLength(1);
      else expect(read).toThrow(RangeError);
    }
  });
});

describe('the digest of rows', () => {
  test('does not depend on their order and changes with any of their fields', async ({ expect }) => {
    const open = await loadRowDigest();
    const digest = (rows: readonly Row[]): string => {
      const sum = open();
      for (const row of rows) sum.add(row);
      return sum.value();
    };
    const row: Row = { tsMs: 1, mt: 't', m: Buffer.from('m'), tsRecvUs: 2, seq: 3 };
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 6 }), (rows) => {
        expect(digest(rows.toReversed())).toBe(digest(rows));
        expect(BigInt(digest(rows))).toBeLessThan(2n ** 64n);
      }),
    );
    const changed: Row[] = [
      { ...row, tsMs: 2 },
      { ...row, mt: 'd' },
      { ...row, m: Buffer.from('n') },
      { ...row, tsRecvUs: 3 },
      { ...row, seq: 4 },
    ];
    expect(new Set([row, ...changed].map((one) => digest([one]))).size).toBe(6);
    expect(digest([])).toBe('0');
  });
});
