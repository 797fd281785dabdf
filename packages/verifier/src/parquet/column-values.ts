import type { ColumnMetaData, DecodedArray } from 'hyparquet';
import type { SourceFile } from '../open-file.ts';
import { decodePage } from './decode-page.ts';
import { readPages } from './page-reader.ts';

/** Values of consecutive rows of one column. */
export type Batch<Value> = ArrayLike<Value>;

/** Turns the raw values of a page (or of a dictionary) into those of a batch. */
type Convert<Value> = (values: DecodedArray) => Batch<Value>;

/**
 * Values of one column of a row group, a page at a time. Throws when the pages do not hold exactly `rows` values, or an
 * index points outside the dictionary.
 */
export async function* readColumnBatches<Value>(
  file: SourceFile,
  column: ColumnMetaData,
  options: { readonly rows: number; readonly convert: Convert<Value> },
): AsyncGenerator<Batch<Value>> {
  let dictionary: Batch<Value> | undefined;
  let left = options.rows;
  for await (const page of readPages(file, column)) {
    const { kind, values } = await decodePage(page, column, page.header.type === 'DICTIONARY_PAGE' ? options.rows : left);
    if (kind === 'dictionary') {
      if (dictionary !== undefined || left !== options.rows) throw new Error('a dictionary is not at the head of its column');
      dictionary = options.convert(values);
      continue;
    }
    left -= values.length;
    if (values.length > 0) yield kind === 'indices' ? lookUp(values, dictionary ?? []) : options.convert(values);
  }
  if (left > 0) throw new Error(`column ${column.path_in_schema.join('.')} lacks ${left} of ${options.rows} values`);
}

function lookUp<Value>(indices: DecodedArray, dictionary: Batch<Value>): Value[] {
  return Array.from(indices, (index: unknown) => {
    const value = dictionary[Number(index)];
    if (value === undefined) throw new Error('an index points outside the dictionary');
    return value;
  });
}

const TWO_32 = 4_294_967_296;

/** INT64 as numbers; NaN for one that a number does not hold exactly. No BigInt per value, which would cost most of the time. */
export function toNumbers(values: DecodedArray): Float64Array {
  if (values.length === 0) return new Float64Array(0);
  if (!(values instanceof BigInt64Array)) throw new Error('values are not INT64');
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const numbers = new Float64Array(values.length);
  for (let index = 0; index < numbers.length; index += 1) {
    const low = halves[index * 2] ?? 0;
    const value = (halves[index * 2 + 1] ?? 0) * TWO_32 + (low >>> 0);
    numbers[index] = Number.isSafeInteger(value) ? value : Number.NaN;
  }
  return numbers;
}

/** BYTE_ARRAY as the bytes that stand in the page. */
export function toBytes(values: DecodedArray): Uint8Array[] {
  if (!Array.isArray(values)) throw new Error('values are not bytes');
  return values;
}

/** BYTE_ARRAY as text of single bytes; a few distinct short texts, so a map spares making them. */
export function toLatin1(values: DecodedArray): string[] {
  return toBytes(values).map((bytes) => (bytes.length <= 2 ? String.fromCharCode(...bytes) : '?'));
}
