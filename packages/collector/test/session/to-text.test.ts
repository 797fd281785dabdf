import { gzipSync } from 'node:zlib';
import { isText } from '@mexc-toolkit/core';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { toText } from '../../src/session/to-text.ts';

const unwrap = (text: Buffer): Buffer => Buffer.from(JSON.parse(text.toString()).base64, 'base64');

describe('toText', () => {
  test('leaves a text message as it is, not even copied', ({ expect }) => {
    const frame = Buffer.from('{"p":0.080100}');
    expect(toText(frame, false, 100)).toBe(frame);
  });

  test('gives text without loss for any bytes, text or binary', ({ expect }) => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.boolean(), (bytes, isBinary) => {
        const frame = Buffer.from(bytes);
        const text = toText(frame, isBinary, 1000);
        expect(isText(text)).toBe(true);
        expect(!isBinary && isText(frame) ? text : unwrap(text)).toEqual(frame);
      }),
    );
  });

  test('unpacks gzip of any text, up to the limit', ({ expect }) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(toText(gzipSync(text), true, 10_000).toString()).toBe(Buffer.from(text).toString());
      }),
    );
    const bomb = gzipSync(Buffer.alloc(1001));
    expect(unwrap(toText(bomb, true, 1000))).toEqual(bomb);
    expect(toText(gzipSync(Buffer.alloc(1000)), true, 1000)).toHaveLength(1000);
  });

  test.for([1, 5, 20])('keeps gzip that is cut after %i bytes as it came', (length, { expect }) => {
    const cut = gzipSync('{"channel":"push.deal"}').subarray(0, length);
    expect(unwrap(toText(cut, true, 1000))).toEqual(cut);
  });
});
