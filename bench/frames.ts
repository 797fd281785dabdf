/** The exchange's three default channels of one symbol, with the sizes of docs/protocol.md §8: about 450 bytes on average. */
export type Channel = 'push.ticker' | 'push.deal' | 'push.depth.full';

/** WebSocket frames that were built once. Time and version have a fixed width, so they can be renewed in place. */
export interface FramePool {
  readonly bytes: Buffer;
  readonly frames: readonly PooledFrame[];
  /** Mean length of a message, without the WebSocket header. */
  readonly meanBytes: number;
}

export interface PooledFrame {
  readonly offset: number;
  readonly length: number;
  /** Where the 13 digits of `ts` are. */
  readonly tsAt: number;
  /** Where the 12 digits of the version or trade id are. */
  readonly versionAt: number;
}

const VERSION_BASE = 100_000_000_000;
const TS_PLACEHOLDER = '1700000000000';
const VERSION_PLACEHOLDER = '100000000000';

/** Out of 50 messages. */
const MIX: readonly (readonly [Channel, number])[] = [
  ['push.deal', 26],
  ['push.ticker', 5],
  ['push.depth.full', 19],
];

/** The same bytes for the same arguments. */
export function makePool(symbol: string, channels: readonly Channel[], count: number): FramePool {
  const random = openRandom(42);
  const deck = MIX.filter(([channel]) => channels.includes(channel)).flatMap(([channel, weight]) =>
    Array.from({ length: weight }, () => channel),
  );
  const parts: Buffer[] = [];
  const frames: PooledFrame[] = [];
  let offset = 0;
  let messageBytes = 0;
  for (let index = 0; index < count; index += 1) {
    const channel = deck[Math.floor(random() * deck.length)]!;
    const text = Buffer.from(WRITERS[channel](symbol, random), 'latin1');
    const frame = Buffer.concat([toHeader(text.length), text]);
    frames.push({
      offset,
      length: frame.length,
      tsAt: offset + frame.lastIndexOf(TS_PLACEHOLDER),
      versionAt: offset + frame.indexOf(VERSION_PLACEHOLDER),
    });
    parts.push(frame);
    offset += frame.length;
    messageBytes += text.length;
  }
  return { bytes: Buffer.concat(parts), frames, meanBytes: Math.round(messageBytes / count) };
}

/** Gives a frame its time and a version that grows with `serial`. */
export function renew(pool: FramePool, frame: PooledFrame, now: { readonly ms: number; readonly serial: number }): void {
  pool.bytes.write(String(now.ms), frame.tsAt, 'latin1');
  pool.bytes.write(String(VERSION_BASE + now.serial), frame.versionAt, 'latin1');
}

/** An unmasked text frame's header. */
export function toHeader(bytes: number): Buffer {
  if (bytes < 126) return Buffer.from([0x81, bytes]);
  const header = Buffer.from([0x81, 126, 0, 0]);
  header.writeUInt16BE(bytes, 2);
  return header;
}

type Writer = (symbol: string, random: () => number) => string;

const WRITERS: Readonly<Record<Channel, Writer>> = {
  'push.deal': (symbol, random) => {
    const trade = (): string =>
      `{"p":${price(random)},"v":${whole(random, 500)},"T":${1 + whole(random, 2)},"O":3,"M":1,"t":${TS_PLACEHOLDER},"i":"${VERSION_PLACEHOLDER}","cts":"${TS_PLACEHOLDER}"}`;
    const trades = random() < 0.3 ? `${trade()},${trade()}` : trade();
    return `{"symbol":"${symbol}","data":[${trades}],"channel":"push.deal","ts":${TS_PLACEHOLDER}}`;
  },
  'push.ticker': (symbol, random) =>
    `{"symbol":"${symbol}","data":{"symbol":"${symbol}","lastPrice":${price(random)},"riseFallRate":-0.0125,"fairPrice":${price(random)},` +
    `"indexPrice":${price(random)},"volume24":${VERSION_PLACEHOLDER},"amount24":4513620991.59478,"maxBidPrice":92412.1,"minAskPrice":75609.9,` +
    `"lower24Price":82921.4,"high24Price":85602,"timestamp":${TS_PLACEHOLDER},"bid1":${price(random)},"ask1":${price(random)},` +
    `"holdVol":${whole(random, 9e7)},"riseFallValue":-1065.4,"fundingRate":0.0001,"zone":"UTC+8","riseFallRates":[-0.0125,0.0308,0.0862,-0.1228,0.1439,0.5564],` +
    `"riseFallRatesOfTimezone":[-0.0065,-0.0113,-0.0125]},"channel":"push.ticker","ts":${TS_PLACEHOLDER}}`,
  'push.depth.full': (symbol, random) => {
    const levels = (): string =>
      Array.from({ length: 20 }, () => `[${price(random)},${1 + whole(random, 90_000)},${1 + whole(random, 5)}]`).join(',');
    return (
      `{"symbol":"${symbol}","data":{"cts":${TS_PLACEHOLDER},"asks":[${levels()}],"bids":[${levels()}],` +
      `"version":${VERSION_PLACEHOLDER}},"channel":"push.depth.full","ts":${TS_PLACEHOLDER}}`
    );
  },
};

const price = (random: () => number): string => `${84_000 + whole(random, 100)}.${whole(random, 10)}`;
const whole = (random: () => number, below: number): number => Math.floor(random() * below);

/** Mulberry32: the same sequence for the same seed. */
function openRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
