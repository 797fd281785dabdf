import { rowBytes, writeRow } from '@mexc-toolkit/core';

/** Seqs whose rows the disk has lost. */
export interface LostRange {
  readonly firstSeq: number;
  readonly rows: number;
  /** ts_recv of a row beside them, so that ts_recv does not decrease. */
  readonly tsRecvUs: number;
}

/**
 * Rows of type `dl` in place of rows that the disk has lost, so that the seq chain stays whole (I3, I8) and the loss is
 * itself a record (I9). Their text says so; nothing pretends to be a frame.
 */
export function toTombstones(lost: LostRange): Buffer {
  const m = Buffer.from('{"mexc":"lost","reason":"spool damaged"}', 'latin1');
  const payload = Buffer.alloc(lost.rows * rowBytes(m.length));
  let offset = 0;
  for (let index = 0; index < lost.rows; index += 1) {
    offset = writeRow(payload, offset, {
      tsMs: Math.floor(lost.tsRecvUs / 1000),
      mt: 'dl',
      m,
      tsRecvUs: lost.tsRecvUs,
      seq: lost.firstSeq + index,
    });
  }
  return payload;
}
