/**
 * Checks the runs of an RLE / bit-packed hybrid before they are decoded. A decoder writes as many values as a run claims, so
 * one damaged count could fill the heap (I10).
 *
 * Throws when the runs do not hold at least `values`, or one goes beyond them by more than the padding of its last eight.
 */
export function checkRuns(bytes: Uint8Array, bitWidth: number, values: number): void {
  if (bitWidth > 32) throw new Error(`dictionary indices of ${bitWidth} bits are not possible`);
  let at = 0;
  let seen = 0;
  while (seen < values) {
    const header = readHeader(bytes, at);
    at = header.next;
    const packed = header.value % 2 === 1;
    const count = packed ? ((header.value - 1) / 2) * 8 : header.value / 2;
    const slack = packed ? 7 : 0;
    if (count === 0 || seen + count > values + slack)
      throw new Error(`a run of ${count} values does not fit into a page of ${values}`);
    at += packed ? (count / 8) * bitWidth : Math.ceil(bitWidth / 8);
    seen += count;
    if (at > bytes.length) throw new Error('a run ends outside its page');
  }
}

/** Unsigned LEB128 of at most 32 bits. */
function readHeader(bytes: Uint8Array, offset: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = bytes[offset + index];
    if (byte === undefined) break;
    value += (byte & 127) * 128 ** index;
    if (byte < 128) return { value, next: offset + index + 1 };
  }
  throw new Error('a run has no readable header');
}
