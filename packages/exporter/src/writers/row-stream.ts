import { readRows, type Row, type Store } from '@mexc-toolkit/core';
import { toRowsQuery } from '../parquet-query.ts';
import { readAnswer, toAppendedError } from '../store-stream.ts';

/** The rows of one epoch, as a writer gets them. */
export interface RowSource {
  readonly store: Store;
  readonly table: string;
  /** Whether they are stored by seq, so that no sort is needed. */
  readonly inOrder: boolean;
  readonly signal: AbortSignal;
  /** Rows taken so far, where the writer sees them. */
  readonly onRows: (rows: number) => void;
}

/** Batches of rows of a table, by seq. `m` of a row is a view that is valid until the next batch is asked for. */
export async function* streamRows({ store, table, inOrder, signal }: RowSource): AsyncGenerator<Iterable<Row>> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of readAnswer(store, toRowsQuery({ database: store.database, table, inOrder }), signal)) {
    const bytes = rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([rest, chunk]);
    const whole = wholeRowsBytes(bytes);
    if (whole > 0) yield readRows(bytes.subarray(0, whole));
    rest = bytes.subarray(whole);
  }
  if (rest.length > 0) throw toAppendedError(rest);
}

/** Bytes of `bytes` that are whole rows of RowBinary; the rest belongs to a row that is still to come. */
export function wholeRowsBytes(bytes: Uint8Array): number {
  let end = 0;
  for (;;) {
    let at = end + 9; // ts, mt
    let length = 0;
    let factor = 1;
    let byte = 128;
    while (byte >= 128) {
      const next = bytes[at];
      if (next === undefined) return end;
      byte = next;
      length += (byte & 127) * factor;
      factor *= 128;
      at += 1;
    }
    at += length + 16; // m, ts_recv, seq
    if (at > bytes.length) return end;
    end = at;
  }
}
