import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { encodeBlockHeader, headerBytes, isPayloadOf, readBlockHeader } from '@mexc-toolkit/core';

const anyBlock = fc.record({
  base: fc.stringMatching(/^[a-z0-9_]{1,49}$/),
  firstSeq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  rows: fc.integer({ min: 1, max: 4_294_967_295 }),
  firstTsRecvUs: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  lastTsRecvUs: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
});

describe('the header of a block', () => {
  test('is read back as it was written, at any offset', ({ expect }) => {
    fc.assert(
      fc.property(anyBlock, fc.uint8Array(), fc.uint8Array(), (block, payload, before) => {
        const bytes = Buffer.concat([before, encodeBlockHeader(block, payload), payload]);
        const read = readBlockHeader(bytes, before.length);
        expect(read).toMatchObject({ kind: 'header', header: { ...block, payloadBytes: payload.length } });
        if (read.kind !== 'header') return;
        expect(isPayloadOf(read.header, bytes.subarray(before.length + headerBytes(block)))).toBe(true);
      }),
    );
  });

  const block = { base: 'btc', firstSeq: 7, rows: 2, firstTsRecvUs: 11, lastTsRecvUs: 12 };
  const payload = Buffer.from('the payload');
  const header = encodeBlockHeader(block, payload);

  test('is `short` when it is cut at any byte, and never anything else', ({ expect }) => {
    for (let end = 0; end < header.length; end += 1)
      expect(readBlockHeader(header.subarray(0, end), 0)).toEqual({ kind: 'short' });
  });

  test('is `invalid` when any of its bits is flipped', ({ expect }) => {
    for (let bit = 0; bit < header.length * 8; bit += 1) {
      const damaged = Buffer.from(header);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      // A length that claims more bytes than there are cannot be told from a header that is cut.
      expect(['invalid', 'short']).toContain(readBlockHeader(damaged, 0).kind);
      expect(readBlockHeader(Buffer.concat([damaged, Buffer.alloc(64)]), 0).kind).toBe('invalid');
    }
  });

  test('knows a payload of which a bit is flipped, or that is longer or shorter', ({ expect }) => {
    const read = readBlockHeader(header, 0);
    if (read.kind !== 'header') throw new Error('not a header');
    for (let bit = 0; bit < payload.length * 8; bit += 1) {
      const damaged = Buffer.from(payload);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(isPayloadOf(read.header, damaged)).toBe(false);
    }
    expect(isPayloadOf(read.header, payload.subarray(1))).toBe(false);
    expect(isPayloadOf(read.header, Buffer.concat([payload, Buffer.alloc(1)]))).toBe(false);
  });

  test('gives an outcome for any bytes', ({ expect }) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        const withMagic = Buffer.concat([Buffer.from('mxsp\u0001\u0000'), bytes]);
        expect(['short', 'invalid']).toContain(readBlockHeader(withMagic, 0).kind);
        expect(['short', 'invalid']).toContain(readBlockHeader(Buffer.from(bytes), 0).kind);
      }),
    );
  });
});
