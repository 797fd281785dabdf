import { loadRowDigest, MESSAGE_TYPES, type Epoch, type MessageType, type RowDigest } from '@mexc-toolkit/core';
import type { RowBatch } from './parquet/read-rows.ts';
import { differs, type Finding } from './report.ts';
import { SeqLedger } from './seq-ledger.ts';

/** What the rows of a file are, counted from the rows alone; the counterpart of core's `TableFacts`. */
export interface Content {
  readonly rows: number;
  readonly rowsByType: Readonly<Record<MessageType, number>>;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly minTsMs: number | null;
  readonly maxTsMs: number | null;
  readonly minTsRecvUs: number | null;
  readonly maxTsRecvUs: number | null;
  readonly digest: string;
}

type MutableRow = { -readonly [Key in keyof Parameters<RowDigest['add']>[0]]: Parameters<RowDigest['add']>[0][Key] };

const KNOWN_TYPES: ReadonlySet<string> = new Set(MESSAGE_TYPES);
const isMessageType = (text: string): text is MessageType => KNOWN_TYPES.has(text);

/** Counts rows as they pass and notes what no row of a good file is. */
export class ContentCounter {
  readonly #digest: RowDigest;
  readonly #epoch: Epoch | null;
  readonly #seqs = new SeqLedger();
  readonly #byType: Record<MessageType, number> = { t: 0, d: 0, dp: 0, dl: 0 };
  readonly #row: MutableRow = { tsMs: 0, mt: 't', m: new Uint8Array(0), tsRecvUs: 0, seq: 0 };
  #rows = 0;
  #minTs = Infinity;
  #maxTs = -Infinity;
  #minRecv = Infinity;
  #maxRecv = -Infinity;
  #previousRecv = -Infinity;
  #outside = 0;
  #firstOutside = 0;
  #decreasing = 0;
  #unknownType = 0;
  #unreadableTime = 0;

  /** @param epoch null when nobody knows it, so that it is not checked */
  constructor(digest: RowDigest, epoch: Epoch | null) {
    this.#digest = digest;
    this.#epoch = epoch;
  }

  get rows(): number {
    return this.#rows;
  }

  add(batch: RowBatch): void {
    const { ts, mt, m, tsRecv, seq } = batch;
    for (let index = 0; index < batch.rows; index += 1) {
      const row = this.#row;
      row.tsMs = ts.batch[ts.from + index] ?? Number.NaN;
      row.tsRecvUs = tsRecv.batch[tsRecv.from + index] ?? Number.NaN;
      row.seq = seq.batch[seq.from + index] ?? Number.NaN;
      row.m = m.batch[m.from + index] ?? row.m;
      this.#count(mt.batch[mt.from + index] ?? '');
    }
  }

  content(): Content {
    return {
      rows: this.#rows,
      rowsByType: this.#byType,
      ...this.#seqs.bounds(),
      minTsMs: bound(this.#minTs),
      maxTsMs: bound(this.#maxTs),
      minTsRecvUs: bound(this.#minRecv),
      maxTsRecvUs: bound(this.#maxRecv),
      digest: this.#digest.value(),
    };
  }

  findings(): Finding[] {
    return [
      ...this.#seqs.findings(),
      ...counted('epoch', this.#outside, `rows outside the epoch, first seq ${this.#firstOutside}`),
      ...counted('epoch', this.#decreasing, 'rows whose ts_recv is before that of the row above'),
      ...counted('rows', this.#unknownType, 'rows whose mt is not one of t, d, dp, dl'),
      ...counted('rows', this.#unreadableTime, 'rows whose ts or ts_recv is not a possible time'),
    ];
  }

  #count(type: string): void {
    const row = this.#row;
    this.#rows += 1;
    this.#seqs.add(row.seq);
    this.#countTimes(row.tsMs, row.tsRecvUs);
    if (!isMessageType(type)) {
      this.#unknownType += 1;
      return;
    }
    this.#byType[type] += 1;
    row.mt = type;
    this.#digest.add(row);
  }

  #countTimes(tsMs: number, tsRecvUs: number): void {
    if (!(tsMs >= 0) || !(tsRecvUs >= 0)) this.#unreadableTime += 1;
    if (tsMs < this.#minTs) this.#minTs = tsMs;
    if (tsMs > this.#maxTs) this.#maxTs = tsMs;
    if (tsRecvUs < this.#minRecv) this.#minRecv = tsRecvUs;
    if (tsRecvUs > this.#maxRecv) this.#maxRecv = tsRecvUs;
    if (tsRecvUs < this.#previousRecv) this.#decreasing += 1;
    this.#previousRecv = tsRecvUs;
    // I6: start ≤ ts_recv < end.
    if (this.#epoch !== null && !(tsRecvUs >= this.#epoch.startUs && tsRecvUs < this.#epoch.endUs)) {
      if (this.#outside === 0) this.#firstOutside = this.#row.seq;
      this.#outside += 1;
    }
  }
}

const bound = (value: number): number | null => (Number.isFinite(value) ? value : null);

const counted = (check: Finding['check'], count: number, text: string): Finding[] =>
  count > 0 ? [differs(check, `${count} ${text}`, count)] : [];

let digests: Promise<() => RowDigest> | undefined;

/** A counter with a fresh digest; the hash is loaded once. */
export async function openCounter(epoch: Epoch | null): Promise<ContentCounter> {
  digests ??= loadRowDigest();
  return new ContentCounter((await digests)(), epoch);
}
