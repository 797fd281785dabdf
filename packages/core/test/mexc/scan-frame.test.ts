import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { decodeAny, decodeFrame } from '../../src/mexc/decode.ts';
import { scanFrame } from '../../src/mexc/scan-frame.ts';

const USUAL = [
  '{"symbol":"BTC_USDT","data":[{"p":84062.6,"v":13,"T":1,"O":3,"M":1,"t":1790870038339,"i":"16435741160"}],"channel":"push.deal","ts":1790870038339}',
  '{"symbol":"RIF_USDT","data":{"cts":1789498322165,"asks":[[0.080550,48,1],[9.75E+4,347,1]],"bids":[],"version":5220571685},"channel":"push.depth.full","ts":1789498322169}',
  '{"symbol":"BTC_USDT","data":{"asks":[],"bids":[[86586.2,567414,1]],"end":1283314797,"begin":1283314790,"version":1283314797},"channel":"push.depth","ts":1790135080175}',
  '{"channel":"push.ticker","data":{"lastPrice":-0.5e-3,"zone":"UTC+8","on":true,"off":false,"none":null,"rates":[-0.0125,{}]},"symbol":"BTC_USDT","ts":1731137509138}',
];
const UNUSUAL = [
  '{"symbol":"BTC_USDT","data":{"version":null,"begin":0,"end":7},"channel":"push.depth","ts":1790135080175}',
  '{"symbol":"BTC_USDT","data":{"version":1,"version":2},"channel":"push.depth","ts":1790135080175}',
  '{"symbol":"BTC_USDT","symbol":"ETH_USDT","data":{},"channel":"push.deal","ts":1790135080175}',
  '{"symbol":"BTC_USDT","data":{"cts":1790135080175},"channel":"push.deal","ts":"1790135080175"}',
  '{"symbol":"BTC_USDT","data":{"cts":1790135080175},"channel":"push.deal","ts":0}',
  '{"symbol":"BTC\\u005fUSDT","data":{},"ch\\u0061nnel":"push.deal","ts":1790135080175}',
  '{"symbol":"BTC_USDT","data":"success","channel":"rs.sub.deal","ts":1790135080175}',
  '{"symbol":"BTC_USDT","data":{},"channel":"push.deal","ts":1790135080175} ',
  '{"symbol":"BTC_USDT","data":{},"channel":"push.new","ts":1790135080175}',
  '{"symbol":"BTC_ÜSDT","data":{},"channel":"push.deal","ts":1790135080175}',
  '{"symbol":"BTC_USDT","data":{"a":01},"channel":"push.deal","ts":1790135080175}',
  '{"symbol":"BTC_USDT","data":[1,],"channel":"push.deal","ts":1790135080175}',
  '{"symbol":"BTC_USDT","data":[1.],"channel":"push.deal","ts":1790135080175}',
  '{"symbol":"BTC_USDT","data":[-],"channel":"push.deal","ts":1790135080175}',
  '{"symbol":"BTC_USDT","data":[1e],"channel":"push.deal","ts":1790135080175}',
  '{"symbol":"BTC_USDT","data":[tru],"channel":"push.deal","ts":1790135080175}',
  '{"symbol":"BTC_USDT","data":{"a":1,},"channel":"push.deal","ts":1790135080175}',
  '{"__proto__":{"channel":"push.deal"},"symbol":"BTC_USDT","ts":1790135080175}',
  `{"symbol":"BTC_USDT","data":${'['.repeat(40)}${']'.repeat(40)},"channel":"push.deal","ts":1790135080175}`,
  '{"channel":"pong","data":1790135080175}',
  '',
  '{',
  '{}',
  '[]',
];

describe('scanFrame', () => {
  test('reads the usual frames itself', ({ expect }) => {
    for (const text of USUAL) expect(scanFrame(Buffer.from(text)), text).toBeDefined();
  });

  test.for([...USUAL, ...UNUSUAL])('changes no outcome: %s', (text, { expect }) => {
    expect(decodeFrame(Buffer.from(text))).toEqual(decodeAny(Buffer.from(text)));
  });

  test('accepts no cut frame', ({ expect }) => {
    for (const text of USUAL) {
      for (let length = 0; length < text.length; length += 1)
        expect(scanFrame(Buffer.from(text).subarray(0, length))).toBeUndefined();
    }
  });

  test('changes no outcome of a frame with bytes replaced, removed or added', ({ expect }) => {
    const byte = fc.oneof(fc.constantFrom(...Buffer.from('{}[]",:\\.-+eE0123 tn\u0000\u001f')), fc.nat(255));
    const edit = fc.record({ at: fc.nat(400), removed: fc.nat(3), added: fc.array(byte, { maxLength: 3 }) });
    fc.assert(
      fc.property(fc.constantFrom(...USUAL), fc.array(edit, { minLength: 1, maxLength: 3 }), (text, edits) => {
        let bytes = Buffer.from(text);
        for (const { at, removed, added } of edits) {
          const from = at % bytes.length;
          bytes = Buffer.concat([bytes.subarray(0, from), Buffer.from(added), bytes.subarray(from + removed)]);
          if (bytes.length === 0) return;
        }
        expect(decodeFrame(bytes)).toEqual(decodeAny(bytes));
      }),
      { numRuns: 5000 },
    );
  });

  test('changes no outcome of any JSON in the place of data', ({ expect }) => {
    const names = fc.constantFrom('version', 'begin', 'end', 'cts', 'a');
    const data = fc.oneof(
      fc.json(),
      fc.dictionary(names, fc.jsonValue({ maxDepth: 1 })).map((value) => JSON.stringify(value)),
    );
    const channel = fc.constantFrom('push.depth', 'push.deal', 'push.x');
    const ts = fc.oneof(fc.nat(), fc.constant(1_790_135_080_175), fc.double());
    fc.assert(
      fc.property(data, channel, ts, (value, name, time) => {
        const bytes = Buffer.from(`{"data":${value},"channel":"${name}","symbol":"BTC_USDT","ts":${time}}`);
        expect(decodeFrame(bytes)).toEqual(decodeAny(bytes));
      }),
      { numRuns: 3000 },
    );
  });
});
