import type { ColumnMetaData, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import type { SourceFile } from '../open-file.ts';

const WINDOW_BYTES = 1024 * 1024;
/** The largest page header we look for: it may hold minimum and maximum of a text column. */
const HEADER_MAX_BYTES = 16 * 1024 * 1024;

/** A page as it stands in the file: its header, and its body still compressed. */
export interface RawPage {
  readonly header: PageHeader;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Pages of one column chunk in order, read as they are asked for: memory is a window or one page, whichever is larger (I10). */
export async function* readPages(file: SourceFile, column: ColumnMetaData): AsyncGenerator<RawPage> {
  const { start, end } = chunkRange(file, column);
  let window = { start, bytes: new Uint8Array(0) };
  const view = async (offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
    const at = offset - window.start;
    if (at + length > window.bytes.length) {
      window = { start: offset, bytes: await file.read(offset, Math.min(end - offset, Math.max(length, WINDOW_BYTES))) };
    }
    return window.bytes.subarray(offset - window.start, offset - window.start + length);
  };
  for (let at = start; at < end;) {
    const { header, headerBytes } = await readHeader(view, { at, end });
    const bodyBytes = header.compressed_page_size;
    if (!Number.isInteger(bodyBytes) || bodyBytes < 0 || at + headerBytes + bodyBytes > end) {
      throw new Error(`a page at byte ${at} ends outside its column chunk`);
    }
    yield { header, body: await view(at + headerBytes, bodyBytes) };
    at += headerBytes + bodyBytes;
  }
}

/** Reads a header whose length is not known beforehand: in what is at hand, and in more when that is too short. */
async function readHeader(
  view: (offset: number, length: number) => Promise<Uint8Array<ArrayBuffer>>,
  { at, end }: { readonly at: number; readonly end: number },
): Promise<{ readonly header: PageHeader; readonly headerBytes: number }> {
  for (let length = Math.min(512, end - at); ; length = Math.min(length * 8, end - at)) {
    const bytes = await view(at, length);
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: 0 };
    try {
      const header = parquetHeader(reader);
      return { header, headerBytes: reader.offset };
    } catch (error) {
      if (length >= Math.min(end - at, HEADER_MAX_BYTES)) throw error;
    }
  }
}

function chunkRange(file: SourceFile, column: ColumnMetaData): { readonly start: number; readonly end: number } {
  const start = Number(column.dictionary_page_offset ?? column.data_page_offset);
  const end = start + Number(column.total_compressed_size);
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 4 || end < start || end > file.bytes - 8) {
    throw new Error(`column chunk ${column.path_in_schema.join('.')} lies outside the file`);
  }
  return { start, end };
}
