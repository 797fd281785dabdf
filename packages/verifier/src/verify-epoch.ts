import {
  listExports,
  readTableFacts,
  toManifestPath,
  type Clock,
  type ContractSymbol,
  type Epoch,
  type Manifest,
  type Store,
} from '@mexc-toolkit/core';
import { checkChain, toPredecessor, type Predecessor } from './checks/chain.ts';
import { checkBytes, checkClaims, checkIdentity } from './checks/manifest-claims.ts';
import { checkTable } from './checks/table.ts';
import { loadManifest } from './load-manifest.ts';
import { openFile, type SourceFile } from './open-file.ts';
import { readContent, type ReadFile } from './read-content.ts';
import { reasonOf, toVerdict, unread, type Finding, type VerificationReport } from './report.ts';

export interface VerifyOptions {
  /** Of the Parquet file; must end as `toExportPath` says. */
  readonly path: string;
  /** @default beside the file */
  readonly manifestPath?: string | undefined;
  readonly symbol: ContractSymbol;
  /** The epoch that the file must hold. @default the one that its manifest names */
  readonly epoch?: Epoch | undefined;
  /** The table that the file was made from, to be compared with it. Without it a `match` does not permit a drop. */
  readonly table?: { readonly store: Store; readonly table: string } | undefined;
  /** The epoch before (I8). @default what `export_log` of the table's store says; 'unknown' without a store */
  readonly predecessor?: Predecessor | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: { readonly rows: number; readonly totalRows: number }) => void) | undefined;
}

/**
 * Establishes whether a Parquet file is proven equal to the rows that were received (I6, I7, I8).
 *
 * `match` needs all of: manifest valid and about this file; size and sha256; schema; counts; seqs without gap, in order; every
 * `ts_recv` in the epoch and never decreasing; the digest of the rows, read by another implementation than wrote them, equal
 * to the manifest's and to the table's as it is now; and the seq chain. Memory does not grow with the file.
 *
 * Whatever the bytes are, there is a report; only an abort throws.
 */
export async function verifyEpoch(options: VerifyOptions): Promise<VerificationReport> {
  const { path, symbol, clock } = options;
  const startedMs = clock.monotonic();
  const { manifest, findings: manifestFindings } = await loadManifest(options.manifestPath ?? toManifestPath(path));
  const epoch = options.epoch ?? manifest?.epoch ?? null;
  const findings: Finding[] = [...manifestFindings];
  const read = await readWhole(options, epoch);
  findings.push(...read.findings);
  if (manifest) {
    findings.push(...checkIdentity(manifest, { symbol, path, epoch: options.epoch ?? null }));
    if (read.sha256 !== '') findings.push(...checkBytes(manifest, read.bytes, read.sha256));
    if (read.file?.complete) findings.push(...checkClaims(manifest, read.file));
    if (read.file?.complete)
      findings.push(...checkChain(manifest, read.file.content, await findPredecessor(options, manifest.epoch)));
  }
  const compared = await compareTable(options, read.file, manifest);
  findings.push(...compared.findings);
  const content = read.file?.content;
  return {
    symbol,
    path,
    verdict: toVerdict(findings),
    findings,
    rows: content?.rows ?? 0,
    firstSeq: content?.firstSeq ?? 0,
    lastSeq: content?.lastSeq ?? 0,
    bytes: read.bytes,
    sha256: read.sha256,
    digest: content?.digest ?? '0',
    table: compared.table,
    durationMs: clock.monotonic() - startedMs,
    ...(manifest && { manifest }),
  };
}

interface WholeFile {
  readonly bytes: number;
  readonly sha256: string;
  readonly file?: ReadFile;
  readonly findings: readonly Finding[];
}

async function readWhole(options: VerifyOptions, epoch: Epoch | null): Promise<WholeFile> {
  let file: SourceFile;
  try {
    file = await openFile(options.path);
  } catch (error) {
    return { bytes: 0, sha256: '', findings: [unread('file', `the file cannot be read: ${reasonOf(error)}`)] };
  }
  await using source = file;
  const { signal, onProgress } = options;
  try {
    const sha256 = await source.sha256(signal);
    const read = await readContent(source, { epoch, signal, onProgress });
    const changed = (await source.isUnchanged()) ? [] : [unread('file', 'the file changed while it was read')];
    return { bytes: source.bytes, sha256, file: read, findings: [...read.findings, ...changed] };
  } catch (error) {
    signal.throwIfAborted();
    return { bytes: source.bytes, sha256: '', findings: [unread('file', `the file cannot be read: ${reasonOf(error)}`)] };
  }
}

async function findPredecessor({ predecessor, table, symbol, signal }: VerifyOptions, epoch: Epoch): Promise<Predecessor> {
  if (predecessor !== undefined) return predecessor;
  if (!table) return 'unknown';
  try {
    return toPredecessor(await listExports(table.store, symbol, signal), epoch.startUs);
  } catch {
    signal.throwIfAborted();
    return 'unknown'; // the store does not answer: becomes a finding of the chain
  }
}

async function compareTable(
  { table: source, signal }: VerifyOptions,
  file: ReadFile | undefined,
  manifest: Manifest | undefined,
): Promise<{ readonly table: VerificationReport['table']; readonly findings: readonly Finding[] }> {
  if (!source) return { table: null, findings: [] };
  if (!file?.complete)
    return { table: null, findings: [unread('table', 'the table was not compared, because the file was not read')] };
  const { store, table: name } = source;
  const table = { database: store.database, table: name };
  try {
    const facts = await readTableFacts(store, name, signal);
    return { table, findings: checkTable(facts, file.content, { table, ...(manifest && { manifest }) }) };
  } catch (error) {
    signal.throwIfAborted();
    return { table: null, findings: [unread('table', `table ${name} cannot be read: ${reasonOf(error)}`)] };
  }
}
