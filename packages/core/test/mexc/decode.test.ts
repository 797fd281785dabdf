import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { decodeFrame, isText, toUnknownContract, wrapBytes, type DecodedFrame } from '@mexc-toolkit/core';

const recorded = readFileSync(new URL('../fixtures/server-frames.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');
const decode = (text: string): DecodedFrame => decodeFrame(Buffer.from(text));
const row = (fields: object) => ({
  kind: 'row',
  mt: 'dl',
  channel: '',
  symbol: undefined,
  tsMs: undefined,
  error: undefined,
  versions: undefined,
  ...fields,
});

/** By hand, from the protocol: which type a channel is. */
const TYPE: Readonly<Record<string, string>> = {
  'push.ticker': 't',
  'push.deal': 'd',
  'push.depth': 'dp',
  'push.depth.full': 'dp',
  'push.depth.step': 'dp',
};

describe('decodeFrame', () => {
  test.for(recorded)('reads the recorded frame %s', (text, { expect }) => {
    const { channel, symbol, ts, data } = JSON.parse(text);
    const decoded = decode(text);
    if (channel === 'pong') return expect(decoded).toEqual({ kind: 'pong' });
    if (channel.startsWith('rs.sub.')) return expect(decoded).toEqual({ kind: 'ack', method: channel.slice(3) });
    const time = ts ?? data.cts ?? data.timestamp ?? data.ct;
    const { begin, end, version } = channel === 'push.depth' ? data : {};
    expect(decoded).toEqual(
      row({
        mt: TYPE[channel] ?? 'dl',
        channel,
        symbol,
        tsMs: time === undefined ? undefined : Number(time),
        error: channel === 'rs.error' ? data : undefined,
        versions: channel === 'push.depth' ? { begin: begin || version || end, end: end || version } : undefined,
      }),
    );
  });

  test('was shown every kind of frame that the protocol names', ({ expect }) => {
    const channels = new Set(recorded.map((text) => JSON.parse(text).channel));
    for (const channel of [...Object.keys(TYPE), 'pong', 'rs.error', 'rs.sub.deal', 'push.kline', 'push.tickers'])
      expect(channels).toContain(channel);
    expect(recorded.length).toBeGreaterThan(70);
  });

  test.for([
    ['', row({})],
    ['null', row({})],
    ['[{"channel":"pong"}]', row({})],
    ['{"channel":7}', row({})],
    ['{"channel":"rs.error","data":"success"}', row({ channel: 'rs.error', error: 'success' })],
    ['{"channel":"rs.error","data":{"toString":1}}', row({ channel: 'rs.error', error: '' })],
    ['{"channel":"rs.error"}', row({ channel: 'rs.error', error: '' })],
    ['{"channel":"rs.sub.deal","data":"failure"}', row({ channel: 'rs.sub.deal' })],
    ['{"channel":"__proto__","symbol":"constructor"}', row({ channel: '__proto__', symbol: 'constructor' })],
    ['{"channel":"push.deal","ts":"1587442022003"}', row({ mt: 'd', channel: 'push.deal', tsMs: 1587442022003 })],
    ['{"channel":"push.deal","ts":0,"data":{"cts":5}}', row({ mt: 'd', channel: 'push.deal', tsMs: 5 })],
    ['{"channel":"push.deal","ts":1.5}', row({ mt: 'd', channel: 'push.deal' })],
    ['{"channel":"push.deal","ts":10413792000000}', row({ mt: 'd', channel: 'push.deal' })],
    [
      '{"channel":"push.depth","data":{"begin":0,"end":null,"version":9}}',
      row({ mt: 'dp', channel: 'push.depth', versions: { begin: 9, end: 9 } }),
    ],
    [
      '{"channel":"push.depth","data":{"begin":3,"end":7}}',
      row({ mt: 'dp', channel: 'push.depth', versions: { begin: 3, end: 7 } }),
    ],
    ['{"channel":"push.depth","data":{"end":7}}', row({ mt: 'dp', channel: 'push.depth', versions: { begin: 7, end: 7 } })],
    ['{"channel":"push.depth","data":{"version":1e300}}', row({ mt: 'dp', channel: 'push.depth' })],
    ['{"channel":"push.depth.full","data":{"version":9}}', row({ mt: 'dp', channel: 'push.depth.full' })],
  ] as const)('reads %s', ([text, expected], { expect }) => {
    expect(decode(text)).toEqual(expected);
  });

  test('gives an outcome for any bytes, any JSON, and any change of a recorded frame', ({ expect }) => {
    const check = (frame: Uint8Array | string): void => {
      expect(['row', 'ack', 'pong']).toContain(decodeFrame(Buffer.from(frame)).kind);
    };
    fc.assert(fc.property(fc.oneof(fc.uint8Array(), fc.string({ unit: 'binary' })), check));
    const anyChannel = fc.constantFrom('rs.error', 'push.depth', 'push.deal', 'rs.sub.deal');
    fc.assert(
      fc.property(anyChannel, fc.jsonValue(), fc.jsonValue(), (channel, data, ts) =>
        check(JSON.stringify({ channel, data, ts })),
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...recorded), fc.nat(), fc.integer({ min: 0, max: 255 }), (text, at, byte) => {
        const bytes = Buffer.from(text);
        bytes[at % bytes.length] = byte;
        check(bytes);
      }),
    );
  });

  test('is not stopped by deep nesting, where one may stand', ({ expect }) => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(decode(deep)).toEqual(row({}));
    expect(decode(`{"channel":"rs.error","data":${deep}}`)).toEqual(row({ channel: 'rs.error', error: '' }));
  });
});

describe('wrapBytes', () => {
  test('keeps any bytes, in text that is a dead letter', ({ expect }) => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom('binary' as const, 'invalid-utf8' as const), (bytes, reason) => {
        const wrapped = wrapBytes(Buffer.from(bytes), reason);
        expect(isText(wrapped)).toBe(true);
        expect(decodeFrame(wrapped)).toEqual(row({}));
        const { base64, ...rest } = JSON.parse(wrapped.toString());
        expect(rest).toEqual({ mexc: 'bytes', reason });
        expect(Buffer.from(base64, 'base64')).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

test('a contract that does not exist is named by the error of the venue alone', ({ expect }) => {
  expect(toUnknownContract('Contract [NOPE_USDT] not exists')).toBe('NOPE_USDT');
  for (const text of ["Contract doesn't exist!", 'Not support interval', '', 'x Contract [A_B] not exists'])
    expect(toUnknownContract(text)).toBeUndefined();
});
