import { crc32 } from 'node:zlib';
import type { ColumnMetaData, DecodedArray, Encoding, PageHeader, ParquetType } from 'hyparquet';
import { readPage } from 'hyparquet/src/column.js';
import { decompress } from './codecs.ts';
import type { RawPage } from './page-reader.ts';
import { checkRuns } from './run-guard.ts';

/** The largest page we open; writers of ours make pages of 1 MiB, or of 2048 rows. */
const PAGE_MAX_BYTES = 512 * 1024 * 1024;

/** Values of a page without any conversion: INT64 as BigInt64Array, BYTE_ARRAY as bytes, or indices into the dictionary. */
export interface DecodedPage {
  readonly kind: 'dictionary' | 'values' | 'indices';
  readonly values: DecodedArray;
}

/**
 * Decodes a page of a column that is flat and never null. Throws for damage that shows: a wrong checksum, sizes and counts
 * that are not possible, an encoding that is not known. Damage that does not show is found by the digest.
 *
 * @param maxValues values that the row group can still take
 */
export async function decodePage(page: RawPage, column: ColumnMetaData, maxValues: number): Promise<DecodedPage> {
  const { header } = page;
  const shape = toShape(header);
  if (!Number.isInteger(shape.values) || shape.values < 0 || shape.values > maxValues) {
    throw new Error(`a page of ${shape.values} values does not fit into ${maxValues} rows`);
  }
  // The checksum covers what is stored; zlib gives it unsigned, Thrift signed.
  if (header.crc !== undefined && (crc32(page.body) | 0) !== header.crc) throw new Error('a page does not match its CRC32');
  const bytes = header.uncompressed_page_size;
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > PAGE_MAX_BYTES)
    throw new Error(`a page of ${bytes} bytes is not possible`);
  const body = shape.compressed ? await decompress(column.codec, page.body, bytes) : page.body;
  const indices = shape.encoding === 'RLE_DICTIONARY' || shape.encoding === 'PLAIN_DICTIONARY';
  if (indices && shape.kind === 'values' && shape.values > 0) checkRuns(body.subarray(1), body[0] ?? 33, shape.values);
  const values = shape.values === 0 ? [] : decodeBody(header, body, column);
  if (values.length !== shape.values) throw new Error(`a page has ${values.length} values instead of ${shape.values}`);
  return { kind: shape.kind === 'dictionary' ? 'dictionary' : indices ? 'indices' : 'values', values };
}

interface Shape {
  readonly kind: 'dictionary' | 'values';
  readonly values: number;
  readonly encoding: Encoding;
  readonly compressed: boolean;
}

function toShape(header: PageHeader): Shape {
  const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = header;
  if (header.type === 'DATA_PAGE' && v1)
    return { kind: 'values', values: v1.num_values, encoding: v1.encoding, compressed: true };
  if (header.type === 'DICTIONARY_PAGE' && dictionary) {
    return { kind: 'dictionary', values: dictionary.num_values, encoding: dictionary.encoding, compressed: true };
  }
  if (header.type === 'DATA_PAGE_V2' && v2) {
    if (v2.num_nulls !== 0 || v2.definition_levels_byte_length !== 0 || v2.repetition_levels_byte_length !== 0) {
      throw new Error('a page of a column that is never null holds nulls');
    }
    return { kind: 'values', values: v2.num_values, encoding: v2.encoding, compressed: v2.is_compressed !== false };
  }
  throw new Error(`page type ${header.type} is not known`);
}

/** Hands the decompressed body to the reader. No dictionary is given, so indices come back as they are. */
function decodeBody(header: PageHeader, body: Uint8Array<ArrayBuffer>, column: ColumnMetaData): DecodedArray {
  const reader = { view: new DataView(body.buffer, body.byteOffset, body.length), offset: 0 };
  const plainHeader = { ...header, compressed_page_size: body.length, uncompressed_page_size: body.length };
  return readPage(reader, plainHeader, toDecoder(column.type), undefined, undefined, 0).data ?? [];
}

/** A decoder of a bare physical type: without a logical one nothing is converted, and bytes stay bytes. */
function toDecoder(type: ParquetType): Parameters<typeof readPage>[2] {
  const element = { name: 'value', type, repetition_type: 'REQUIRED' } as const;
  const leaf = { element, children: [], count: 0, path: ['value'] };
  const root = { element: { name: 'root', num_children: 1 }, children: [leaf], count: 1, path: [] };
  return {
    type,
    element,
    codec: 'UNCOMPRESSED',
    pathInSchema: ['value'],
    schemaPath: [root, leaf],
    utf8: false,
    parsers: NO_PARSERS,
  };
}

const refuse = (): never => {
  throw new Error('a value would be converted');
};

const NO_PARSERS = {
  timestampFromMilliseconds: refuse,
  timestampFromMicroseconds: refuse,
  timestampFromNanoseconds: refuse,
  dateFromDays: refuse,
  stringFromBytes: refuse,
  jsonFromBytes: refuse,
  geometryFromBytes: refuse,
  geographyFromBytes: refuse,
  uuidFromBytes: refuse,
};
