import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import type { CompressionCodec } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** Names of a manifest, by the codec that a Parquet file names. */
export const COMPRESSION_OF_CODEC: Readonly<Partial<Record<CompressionCodec, string>>> = {
  ZSTD: 'zstd',
  SNAPPY: 'snappy',
  GZIP: 'gzip',
  UNCOMPRESSED: 'none',
};

/**
 * Decompresses one page to exactly `bytes`. Output above that is refused while it is made, so a damaged length cannot fill
 * the heap (I10). Throws for damaged input and for codecs that no writer of ours has.
 */
export async function decompress(
  codec: CompressionCodec,
  input: Uint8Array<ArrayBuffer>,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const output = await run(codec, input, bytes);
  if (output.length !== bytes) throw new Error(`a page has ${output.length} bytes instead of ${bytes}`);
  return output;
}

/** zstd and gzip work beside the event loop, so the next page is opened while this one is hashed. */
const openZstd = promisify(zstdDecompress);
const openGzip = promisify(gunzip);

async function run(codec: CompressionCodec, input: Uint8Array<ArrayBuffer>, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const limits = { maxOutputLength: Math.max(1, bytes), chunkSize: Math.max(64, bytes) };
  switch (codec) {
    case 'UNCOMPRESSED':
      return input;
    case 'ZSTD':
      return toPlain(await openZstd(input, limits));
    case 'GZIP':
      return toPlain(await openGzip(input, limits));
    case 'SNAPPY':
      return toPlain(inflateSnappy(input, bytes));
    case 'BROTLI':
    case 'LZ4':
    case 'LZ4_RAW':
    case 'LZO':
    default: // a damaged footer names none at all
      throw new Error(`codec ${codec} is not one of ours`);
  }
}

function inflateSnappy(input: Uint8Array, bytes: number): Uint8Array {
  const output = compressors.SNAPPY?.(input, bytes);
  if (output === undefined) throw new Error('no decoder for snappy');
  return output;
}

const toPlain = (output: Uint8Array): Uint8Array<ArrayBuffer> =>
  output.buffer instanceof ArrayBuffer ? new Uint8Array(output.buffer, output.byteOffset, output.length) : new Uint8Array(output);
