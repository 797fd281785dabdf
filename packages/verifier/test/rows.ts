import type { MessageType, Row } from '@mexc-toolkit/core';

export const HOUR_US = 3_600_000_000;
export const START_US = Date.UTC(2026, 10, 22, 13) * 1000;

/** A seeded source of numbers in [0, 1), so that a failing run can be repeated (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface RowOptions {
  readonly count: number;
  /** @default 1 */
  readonly firstSeq?: number;
  readonly startUs?: number;
}

/** Rows as a lane makes them: frames of the four types, in the form of those that the venue sends. */
export function makeRows({ count, firstSeq = 1, startUs = START_US }: RowOptions): Row[] {
  const random = seeded(firstSeq);
  return Array.from({ length: count }, (_, index) => {
    const tsRecvUs = startUs + index * 1700;
    const tsMs = Math.floor(tsRecvUs / 1000) - Math.floor(random() * 40);
    const { mt, text } = makeFrame(index, Math.floor(random() * 1e6), tsMs);
    return { tsMs, mt, m: Buffer.from(text), tsRecvUs, seq: firstSeq + index };
  });
}

function makeFrame(index: number, noise: number, tsMs: number): { readonly mt: MessageType; readonly text: string } {
  const price = 64_000 + noise / 1000;
  switch (index % 4) {
    case 0:
      return { mt: 't', text: `{"symbol":"BTC_USDT","data":{"lastPrice":${price},"bid1":${price},"fundingRate":9.75E-5},"channel":"push.ticker","ts":${tsMs}}` }; // prettier-ignore
    case 1:
      return { mt: 'd', text: `{"symbol":"BTC_USDT","data":[{"p":0.080100,"v":${noise},"T":1,"t":${tsMs}}],"channel":"push.deal","ts":${tsMs}}` }; // prettier-ignore
    case 2:
      return { mt: 'dp', text: `{"symbol":"BTC_USDT","data":{"asks":[[${price},${noise},3]],"bids":[],"version":${9e9 + index}},"channel":"push.depth","ts":${tsMs}}` }; // prettier-ignore
    default:
      return { mt: 'dl', text: `unknown frame ${index} — é漢 ${noise}` };
  }
}
