import { encodeBlockHeader, MESSAGE_TYPES, readRows, rowBytes, writeRow } from '@mexc-toolkit/core';
import type { SealedBlock } from '../../src/spool/block-builder.ts';

const m = (seq: number): Buffer => Buffer.from(`{"seq":${seq},"pad":"${'x'.repeat(seq % 7)}"}`);

/** A block of `rows` rows from `firstSeq` on; ts_recv of a row is `1_000_000 + seq`. */
export function toBlock(base: string, firstSeq: number, rows: number): SealedBlock {
  const seqs = Array.from({ length: rows }, (_, index) => firstSeq + index);
  const payload = Buffer.alloc(seqs.reduce((sum, seq) => sum + rowBytes(m(seq).length), 0));
  seqs.reduce(
    (offset, seq) =>
      writeRow(payload, offset, { tsMs: seq, mt: MESSAGE_TYPES[seq % 4]!, m: m(seq), tsRecvUs: 1_000_000 + seq, seq }),
    0,
  );
  return { base, firstSeq, rows, firstTsRecvUs: 1_000_000 + firstSeq, lastTsRecvUs: 999_999 + firstSeq + rows, payload };
}

export const toBytes = (block: SealedBlock): Buffer => Buffer.concat([encodeBlockHeader(block, block.payload), block.payload]);

export const seqsOf = (payload: Buffer): number[] => [...readRows(payload)].map(({ seq }) => seq);
