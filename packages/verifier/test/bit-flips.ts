import { writeFile } from 'node:fs/promises';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { seeded } from './rows.ts';
import { verify } from './verify.ts';
import { sha256, type Fixture } from './write-fixture.ts';

/** What came of flipping one bit at each position, one at a time. */
export interface FlipCounts {
  readonly flips: number;
  /** Verdicts with the manifest as it was. */
  readonly honest: Readonly<Record<string, number>>;
  /** Verdicts with a manifest whose sha256 was made to fit the flipped file: the content checks alone. */
  readonly refitted: Readonly<Record<string, number>>;
  /** Refitted flips called `match` although the rows that another reading gives are not the original ones. Must be 0. */
  readonly silentChanges: readonly string[];
}

/** Byte positions of every class: magic, page headers, page data, dictionary, footer, statistics, footer length; and a sample. */
export function toPositions(bytes: Buffer, sample: number): number[] {
  const metadata = parquetMetadata(new Uint8Array(bytes));
  const footerBytes = bytes.readUInt32LE(bytes.length - 8);
  const footer = bytes.length - 8 - footerBytes;
  const chunks = metadata.row_groups.flatMap((group) => group.columns.map((column) => column.meta_data!));
  const inChunks = chunks.flatMap((chunk) => {
    const dictionary =
      chunk.dictionary_page_offset === undefined ? [] : [0, 2, 9, 30].map((by) => Number(chunk.dictionary_page_offset) + by);
    const first = Number(chunk.data_page_offset);
    const bodies = [0.3, 0.6, 0.95].map((part) => Math.floor(first + part * Number(chunk.total_compressed_size)));
    return [...dictionary, ...[0, 1, 3, 5, 8].map((by) => first + by), ...bodies];
  });
  const inFooter = Array.from({ length: 40 }, (_, index) => footer + Math.floor((index * footerBytes) / 40));
  const ends = [0, 3, ...Array.from({ length: 8 }, (_, index) => bytes.length - 1 - index)];
  const random = seeded(42);
  const sampled = Array.from({ length: sample }, () => Math.floor(random() * bytes.length));
  return [...new Set([...ends, ...inChunks, ...inFooter, ...sampled])].filter(
    (position) => position >= 0 && position < bytes.length,
  );
}

/** Flips one bit at each position of the fixture's file and verifies it, with the honest manifest and with a refitted one. */
export async function flipBits(
  { path, manifestPath, manifest, bytes }: Fixture,
  positions: readonly number[],
): Promise<FlipCounts> {
  const original = await readSlowly(bytes);
  const honest: Record<string, number> = {};
  const refitted: Record<string, number> = {};
  const silentChanges: string[] = [];
  for (const position of positions) {
    const flipped = Buffer.from(bytes);
    flipped[position]! ^= 1 << (position % 8);
    await writeFile(path, flipped);
    await writeFile(manifestPath, JSON.stringify(manifest));
    count(honest, (await verify(path)).verdict);
    await writeFile(manifestPath, JSON.stringify({ ...manifest, file: { ...manifest.file, sha256: sha256(flipped) } }));
    const { verdict } = await verify(path);
    count(refitted, verdict);
    if (verdict === 'match' && (await readSlowly(flipped).catch(String)) !== original) silentChanges.push(`byte ${position}`);
  }
  await writeFile(path, bytes);
  await writeFile(manifestPath, JSON.stringify(manifest));
  return { flips: positions.length, honest, refitted, silentChanges };
}

/** All rows through the reader's own row interface, as text that can be compared. */
async function readSlowly(bytes: Buffer): Promise<string> {
  const copy = new Uint8Array(bytes);
  const parsers = {
    timestampFromMilliseconds: (value: bigint) => value,
    timestampFromMicroseconds: (value: bigint) => value,
    stringFromBytes: (value: Uint8Array) => Buffer.from(value).toString('latin1'),
  };
  const rows = await parquetReadObjects({ file: copy.buffer, compressors, parsers });
  return JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

function count(counts: Record<string, number>, verdict: string): void {
  counts[verdict] = (counts[verdict] ?? 0) + 1;
}
