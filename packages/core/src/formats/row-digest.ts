import xxhash from 'xxhash-wasm';
import type { Row } from './row-binary.ts';

/**
 * Row digest: order-independent, the same number in SQL and here (docs/formats/manifest.md). Detects a changed, missing or
 * added row; 64 bits, so two different sets agree by chance once in 1.8e19.
 */
export const ROW_DIGEST_SQL =
  "sum(xxHash64(concat(toString(seq),'|',toString(toUnixTimestamp64Milli(ts)),'|',toString(mt),'|',toString(toUnixTimestamp64Micro(ts_recv)),'|',m)))";

/** Sums row hashes modulo 2^64. */
export interface RowDigest {
  add(row: Row): void;
  /** The digest so far, as unsigned decimal text: JSON numbers do not hold 64 bits. */
  value(): string;
}

/** Loads the hash once; digests opened from the result share it. */
export async function loadRowDigest(): Promise<() => RowDigest> {
  const hash = await xxhash();
  return () => {
    let sum = 0n;
    let scratch = Buffer.allocUnsafe(4096);
    return {
      add: (row) => {
        const head = `${row.seq}|${row.tsMs}|${row.mt}|${row.tsRecvUs}|`;
        const needed = head.length + row.m.length;
        if (scratch.length < needed) scratch = Buffer.allocUnsafe(needed * 2);
        scratch.write(head, 0, 'latin1');
        scratch.set(row.m, head.length);
        sum = BigInt.asUintN(64, sum + hash.h64Raw(scratch.subarray(0, needed)));
      },
      value: () => sum.toString(),
    };
  };
}
