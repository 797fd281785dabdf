import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createDatabase,
  createRowTable,
  insertPayloads,
  rowBytes,
  systemClock,
  Telemetry,
  writeRow,
  type MessageType,
  type Store,
} from '@mexc-toolkit/core';
import { exportEpoch, type ExportReport, type WriterName } from '@mexc-toolkit/exporter';
import { openBed, SYMBOL } from '../bed.ts';
import { makePool } from '../frames.ts';
import type { Measure } from '../measure.ts';
import { endProcess, openPeer } from '../processes.ts';
import type { Figure } from '../report.ts';
import { silentLog } from '../silent-log.ts';
import { median } from '../statistics.ts';
import type { OutfileEvent, VerifyEvent } from '../rivals/messages.ts';

const START_US = 1_795_300_000_000_000;
const ROW_GAP_US = 500;
const BATCH_ROWS = 10_000;
const WANTED_VERIFIED_PER_SECOND = 300_000;

/** A table as a rotation leaves it, exported by each writer, verified, and exported by ClickHouse alone. */
export const measureExport: Measure = async ({ quick, note }) => {
  const small = quick ? 100_000 : 250_000;
  const large = 4 * small;
  const runs = quick ? 1 : 3;
  await using bed = await openBed();
  note(`export: filling tables with ${small} and ${large} rows`);
  await createDatabase(bed.store);
  await fill(bed.store, 'small', small);
  await fill(bed.store, 'large', large);
  const ours: number[] = [];
  let report: ExportReport | undefined;
  for (let run = 1; run <= runs; run += 1) {
    note(`export, run ${run}`);
    report = await exportTable(bed.store, {
      table: 'large',
      rows: large,
      directory: join(bed.home, 'large'),
      writer: 'clickhouse',
    });
    ours.push((large * 1000) / report.durationMs);
  }
  const smallReport = await exportTable(bed.store, {
    table: 'small',
    rows: small,
    directory: join(bed.home, 'small'),
    writer: 'clickhouse',
  });
  note('export with parquetjs');
  const slow = await exportTable(bed.store, {
    table: 'small',
    rows: small,
    directory: join(bed.home, 'slow'),
    writer: 'parquetjs',
  });
  note('verify');
  const verified: VerifyEvent[] = [];
  for (let run = 1; run <= runs; run += 1) verified.push(await verify(bed.home, report!.path, 'large'));
  const verifiedSmall = await verify(bed.home, smallReport.path, 'small');
  for (const { verdict, table } of [...verified, verifiedSmall])
    if (!['match', 'inconclusive'].includes(verdict) || !table) throw new Error(`verdict ${verdict}`);
  note('export by INTO OUTFILE');
  await endProcess(bed.enginePid, 15_000);
  const outfile = await runOutfile(bed.home, runs);
  return toFigures({ large, small, ours, slow, verified, verifiedSmall, outfile, bytes: (await stat(report!.path)).size });
};

async function fill(store: Store, table: string, rows: number): Promise<void> {
  const pool = makePool(SYMBOL, ['push.ticker', 'push.deal', 'push.depth.full'], 20_000);
  const types: Readonly<Record<string, MessageType>> = { 'push.ticker': 't', 'push.deal': 'd', 'push.depth.full': 'dp' };
  await createRowTable(store, table);
  for (let seq = 1; seq <= rows;) {
    const parts: Buffer[] = [];
    for (const last = Math.min(rows, seq + BATCH_ROWS - 1); seq <= last; seq += 1) {
      const frame = pool.frames[seq % pool.frames.length]!;
      const m = pool.bytes.subarray(frame.offset + (frame.length < 128 ? 2 : 4), frame.offset + frame.length);
      const tsRecvUs = START_US + seq * ROW_GAP_US;
      const channel = /"channel":"([^"]+)"/.exec(m.toString('latin1'))?.[1] ?? '';
      const row = Buffer.allocUnsafe(rowBytes(m.length));
      writeRow(row, 0, { tsMs: Math.floor(tsRecvUs / 1000) - 3, mt: types[channel] ?? 'dl', m, tsRecvUs, seq });
      parts.push(row);
    }
    await insertPayloads(store, table, { payloads: [Buffer.concat(parts)], queryId: `bench:${table}:${seq}` });
  }
}

function exportTable(
  store: Store,
  what: { readonly table: string; readonly rows: number; readonly directory: string; readonly writer: WriterName },
): Promise<ExportReport> {
  return exportEpoch({
    store,
    exportDir: what.directory,
    symbol: SYMBOL,
    pending: { table: what.table, startUs: START_US, endUs: START_US + (what.rows + 1) * ROW_GAP_US, report: null, egress: null },
    writer: what.writer,
    egress: null,
    clock: systemClock,
    signal: AbortSignal.timeout(300_000),
    telemetry: new Telemetry(silentLog),
  });
}

async function verify(home: string, path: string, table: string): Promise<VerifyEvent> {
  await using peer = openPeer<never, VerifyEvent>('rivals/verify.ts', [home, path, table]);
  return await peer.next('verified');
}

async function runOutfile(home: string, runs: number): Promise<number> {
  await using peer = openPeer<never, OutfileEvent>('rivals/outfile.ts', [home, String(runs)]);
  const { durationsMs } = await peer.next('written');
  return median(durationsMs);
}

interface Results {
  readonly large: number;
  readonly small: number;
  readonly ours: readonly number[];
  readonly slow: ExportReport;
  readonly verified: readonly VerifyEvent[];
  readonly verifiedSmall: VerifyEvent;
  readonly outfile: number;
  readonly bytes: number;
}

function toFigures(results: Results): Figure[] {
  const { large, small } = results;
  const topic = 'export';
  const perSecond = median(results.ours);
  const alone = (large * 1000) / results.outfile;
  const peak = median(results.verified.map(({ peakMb }) => peakMb));
  return [
    {
      topic,
      name: `export of ${text(large)} rows`,
      value: perSecond,
      unit: 'rows/s',
      detail: `facts and digest of the table, file, sha256, fsync, manifest; ${(results.bytes / 1e6).toFixed(0)} MB`,
    },
    {
      topic,
      name: 'ClickHouse alone: INTO OUTFILE',
      value: alone,
      unit: 'rows/s',
      detail: 'the file only, same settings, not synced',
    },
    { topic, name: 'export ÷ INTO OUTFILE', value: perSecond / alone, unit: '×', wanted: { atLeast: 0.7 } },
    { topic, name: `parquetjs writer, ${text(small)} rows`, value: (small * 1000) / results.slow.durationMs, unit: 'rows/s' },
    {
      topic,
      name: 'verify, file',
      value: median(results.verified.map(({ fileMs }) => (large * 1000) / fileMs)),
      unit: 'rows/s',
      wanted: { atLeast: WANTED_VERIFIED_PER_SECOND },
      detail: 'sha256, every row read, order, epoch, digest',
    },
    {
      topic,
      name: 'verify, file against table',
      value: median(results.verified.map(({ wholeMs }) => (large * 1000) / wholeMs)),
      unit: 'rows/s',
      detail: 'and the digest of the table in SQL',
    },
    { topic, name: `verify, peak RSS at ${text(small)} rows`, value: results.verifiedSmall.peakMb, unit: 'MB' },
    {
      topic,
      name: `verify, peak RSS at ${text(large)} rows`,
      value: peak,
      unit: 'MB',
      wanted: { atMost: Math.round(results.verifiedSmall.peakMb * 1.15) },
      detail: 'must not grow with the file; 15 % are noise',
    },
  ];
}

const text = (rows: number): string => rows.toLocaleString('en-US');
