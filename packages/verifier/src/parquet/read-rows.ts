import type { ColumnMetaData, FileMetaData, RowGroup } from 'hyparquet';
import type { SourceFile } from '../open-file.ts';
import { readColumnBatches, toBytes, toLatin1, toNumbers, type Batch } from './column-values.ts';

/** Rows that follow each other, column by column: row i is at `from + i` of the batch of each column. */
export interface RowBatch {
  readonly rows: number;
  readonly ts: Slice<number>;
  readonly mt: Slice<string>;
  readonly m: Slice<Uint8Array>;
  readonly tsRecv: Slice<number>;
  readonly seq: Slice<number>;
}

export interface Slice<Value> {
  readonly batch: Batch<Value>;
  readonly from: number;
}

/**
 * All rows of a file in its order. Columns are read side by side, a page of each at a time, so memory does not grow with the
 * file nor with its row groups (I10). Times and seq are numbers, NaN where a number does not hold the value.
 */
export async function* readRowBatches(file: SourceFile, metadata: FileMetaData): AsyncGenerator<RowBatch> {
  for (const group of metadata.row_groups) yield* readGroup(file, group);
}

async function* readGroup(file: SourceFile, group: RowGroup): AsyncGenerator<RowBatch> {
  const rows = Number(group.num_rows);
  if (!Number.isSafeInteger(rows) || rows < 0) throw new Error(`a row group of ${rows} rows is not possible`);
  const open = <Value>(name: string, convert: Parameters<typeof readColumnBatches<Value>>[2]['convert']): Cursor<Value> =>
    new Cursor(readColumnBatches(file, findColumn(group, name), { rows, convert }));
  const columns = {
    ts: open('ts', toNumbers),
    mt: open('mt', toLatin1),
    m: open('m', toBytes),
    tsRecv: open('ts_recv', toNumbers),
    seq: open('seq', toNumbers),
  };
  const all = Object.values(columns);
  try {
    for (let left = rows; left > 0;) {
      for (const column of all) await column.fill();
      const count = Math.min(...all.map((column) => column.left));
      const { ts, mt, m, tsRecv, seq } = columns;
      yield {
        rows: count,
        ts: ts.take(count),
        mt: mt.take(count),
        m: m.take(count),
        tsRecv: tsRecv.take(count),
        seq: seq.take(count),
      };
      left -= count;
    }
    for (const column of all) await column.expectEnd();
  } finally {
    for (const column of all) await column.close();
  }
}

const TYPE_OF_COLUMN: Readonly<Record<string, string>> = {
  ts: 'INT64',
  mt: 'BYTE_ARRAY',
  m: 'BYTE_ARRAY',
  ts_recv: 'INT64',
  seq: 'INT64',
};

function findColumn(group: RowGroup, name: string): ColumnMetaData {
  const found = group.columns.filter((column) => column.meta_data?.path_in_schema.join('.') === name);
  const [chunk] = found;
  if (chunk?.meta_data === undefined || found.length !== 1) throw new Error(`a row group has ${found.length} columns ${name}`);
  if (chunk.file_path !== undefined) throw new Error(`column ${name} lies in another file`);
  if (chunk.meta_data.type !== TYPE_OF_COLUMN[name]) throw new Error(`column ${name} of a row group is ${chunk.meta_data.type}`);
  return chunk.meta_data;
}

/** A place in the batches of one column. The batch after it is made meanwhile. */
class Cursor<Value> {
  readonly #batches: AsyncGenerator<Batch<Value>>;
  #coming: Promise<IteratorResult<Batch<Value>, unknown>> | undefined;
  #batch: Batch<Value> = [];
  #at = 0;

  constructor(batches: AsyncGenerator<Batch<Value>>) {
    this.#batches = batches;
  }

  get left(): number {
    return this.#batch.length - this.#at;
  }

  /** Makes sure that a value is at hand. */
  async fill(): Promise<void> {
    if (this.left > 0) return;
    const next = await this.#next();
    if (next.done === true) throw new Error('a column ends before its row group');
    this.#batch = next.value;
    this.#at = 0;
    this.#coming = this.#batches.next();
    this.#coming.catch(() => undefined); // is thrown where it is awaited
  }

  take(count: number): Slice<Value> {
    const slice = { batch: this.#batch, from: this.#at };
    this.#at += count;
    return slice;
  }

  /** Runs the checks that come after the last page. */
  async expectEnd(): Promise<void> {
    const next = await this.#next();
    if (this.left > 0 || next.done !== true) throw new Error('a column goes on after its row group');
  }

  async close(): Promise<void> {
    await this.#batches.return(undefined);
  }

  async #next(): Promise<IteratorResult<Batch<Value>, unknown>> {
    return await (this.#coming ?? this.#batches.next());
  }
}
