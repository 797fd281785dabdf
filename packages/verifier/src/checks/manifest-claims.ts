import { basename } from 'node:path';
import { PARQUET_SCHEMA, toExportPath, type ContractSymbol, type Epoch, type Manifest } from '@mexc-toolkit/core';
import type { ReadFile } from '../read-content.ts';
import { differs, type Check, type Finding } from '../report.ts';

/** What is known of a file without its manifest. */
export interface Identity {
  readonly symbol: ContractSymbol;
  readonly path: string;
  /** Null when only the manifest says it. */
  readonly epoch: Epoch | null;
}

/** Whether a manifest is about this file: symbol, epoch, name and place. Catches files that were swapped or renamed. */
export function checkIdentity(manifest: Manifest, { symbol, path, epoch }: Identity): Finding[] {
  const { startUs, endUs } = manifest.epoch;
  const findings = compare('manifest', [
    ['symbol', manifest.symbol, symbol],
    ['file name', manifest.file.name, basename(path)],
    ['epoch start', manifest.epoch.start, toIso(startUs)],
    ['epoch end', manifest.epoch.end, toIso(endUs)],
  ]);
  if (endUs <= startUs) findings.push(differs('epoch', 'the epoch of the manifest ends before it begins'));
  if (epoch !== null) findings.push(...compare('epoch', [['epoch start (µs)', startUs, epoch.startUs], ['epoch end (µs)', endUs, epoch.endUs]])); // prettier-ignore
  const place = toExportPath(symbol, epoch?.startUs ?? startUs);
  if (!`/${path}`.endsWith(`/${place}`)) findings.push(differs('manifest', `the file is not where its epoch belongs: ${place}`));
  return findings;
}

/** Whether bytes and hash are those of the manifest. */
export function checkBytes(manifest: Manifest, bytes: number, sha256: string): Finding[] {
  return [
    ...compare('size', [['file bytes', manifest.file.bytes, bytes]]),
    ...compare('sha256', [['sha256', manifest.file.sha256, sha256]]),
  ];
}

/** Whether everything that a manifest says about the rows is what the rows say. */
export function checkClaims(manifest: Manifest, file: ReadFile): Finding[] {
  const { content } = file;
  return [
    ...checkSchemaClaims(manifest, file),
    ...compare('rows', [
      ['rows', manifest.rows, content.rows],
      ...(['t', 'd', 'dp', 'dl'] as const).map((type): Claim => [
        `rows of type ${type}`,
        manifest.rowsByType[type],
        content.rowsByType[type],
      ]),
    ]),
    ...compare('seq', [
      ['first seq', manifest.firstSeq, content.firstSeq],
      ['last seq', manifest.lastSeq, content.lastSeq],
    ]),
    ...compare('manifest', [
      ['first ts', manifest.minTsMs, content.minTsMs],
      ['last ts', manifest.maxTsMs, content.maxTsMs],
      ['first ts_recv', manifest.minTsRecvUs, content.minTsRecvUs],
      ['last ts_recv', manifest.maxTsRecvUs, content.maxTsRecvUs],
    ]),
    ...compare('digest', [['digest', manifest.digest, content.digest]]),
  ];
}

function checkSchemaClaims(manifest: Manifest, file: ReadFile): Finding[] {
  const { writer, compression } = manifest;
  const columns = new Set([...Object.keys(PARQUET_SCHEMA), ...Object.keys(manifest.parquetSchema)]);
  const madeBy = MADE_BY[writer.name];
  const codecs = file.compressions.filter((name) => name !== compression);
  return [
    ...compare(
      'schema',
      [...columns].map((name): Claim => [`type of ${name}`, manifest.parquetSchema[name], file.schema[name]]),
    ),
    ...(codecs.length > 0
      ? [differs('schema', `the file is compressed with ${codecs.join(', ')} instead of ${compression}`)]
      : []),
    ...(file.createdBy.toLowerCase().startsWith(madeBy)
      ? []
      : [differs('manifest', `the file was not written by ${writer.name}`)]),
  ];
}

/** How the files of a writer begin to name it. */
const MADE_BY: Readonly<Record<Manifest['writer']['name'], string>> = { clickhouse: 'clickhouse', parquetjs: 'parquet.js' };

type Claim = readonly [what: string, claimed: string | number | null | undefined, found: string | number | null | undefined];

function compare(check: Check, claims: readonly Claim[]): Finding[] {
  return claims
    .filter(([, claimed, found]) => claimed !== found)
    .map(([what, claimed, found]) =>
      differs(check, `${what}: the manifest says ${claimed ?? 'none'}, the file has ${found ?? 'none'}`),
    );
}

/** Microseconds as the manifest writes them, `2026-11-22T13:00:00.000000Z`. */
function toIso(us: number): string {
  const at = new Date(Math.floor(us / 1000));
  if (Number.isNaN(at.getTime())) return 'no time';
  return at.toISOString().replace(/\.\d{3}Z$/, `.${String(us % 1_000_000).padStart(6, '0')}Z`);
}
