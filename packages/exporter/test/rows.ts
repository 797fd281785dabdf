import { MESSAGE_TYPES, rowBytes, writeRow, type Row, type Telemetry } from '@mexc-toolkit/core';

export const HOUR_US = 3_600_000_000;
export const START_US = Date.UTC(2026, 10, 22, 13) * 1000;

/** Rows with every type, text beyond ASCII, an empty frame, and bytes that are not UTF-8. */
export function makeRows(count: number, firstSeq = 1): Row[] {
  return Array.from({ length: count }, (_, index) => {
    const tsRecvUs = START_US + index * 1700;
    const text = `{"symbol":"BTC_USDT","data":{"p":0.080100,"v":${index}},"channel":"push.deal — 漢"}`;
    const m = index === 3 ? Buffer.alloc(0) : index === 5 ? Buffer.from([0xff, 0x00, 0x0a, 0x27]) : Buffer.from(text);
    return { tsMs: Math.floor(tsRecvUs / 1000) - 12, mt: MESSAGE_TYPES[index % 4] ?? 't', m, tsRecvUs, seq: firstSeq + index };
  });
}

export function toPayload(rows: readonly Row[]): Buffer {
  const payload = Buffer.alloc(rows.reduce((sum, row) => sum + rowBytes(row.m.length), 0));
  rows.reduce((offset, row) => writeRow(payload, offset, row), 0);
  return payload;
}

/** A logger that says nothing. */
export const silent = { info() {}, warn() {}, error() {}, debug() {} } as unknown as ConstructorParameters<typeof Telemetry>[0];
