import { parquetMetadata, type FileMetaData } from 'hyparquet';
import type { SourceFile } from '../open-file.ts';

/** Far above any footer of ours (a few hundred bytes a row group); bounds what a damaged length makes us read (I10). */
const FOOTER_MAX_BYTES = 64 * 1024 * 1024;
const MAGIC = 'PAR1';

/** Reads what a Parquet file says about itself. Throws for anything that is not Parquet. */
export async function readFooter(file: SourceFile): Promise<FileMetaData> {
  if (file.bytes < 12) throw new Error(`${file.bytes} bytes are too few for Parquet`);
  const head = Buffer.from((await file.read(0, 4)).buffer).toString('latin1');
  if (head !== MAGIC) throw new Error('the file does not begin with PAR1');
  const end = Buffer.from((await file.read(file.bytes - 8, 8)).buffer);
  if (end.toString('latin1', 4) !== MAGIC) throw new Error('the file does not end with PAR1');
  const footerBytes = end.readUInt32LE(0);
  if (footerBytes > FOOTER_MAX_BYTES || footerBytes > file.bytes - 12) {
    throw new Error(`a footer of ${footerBytes} bytes is not possible`);
  }
  const footer = await file.read(file.bytes - 8 - footerBytes, footerBytes + 8);
  return parquetMetadata(footer.buffer, { geoparquet: false });
}
