import { differs, type Finding } from './report.ts';

/** Gaps that are told apart at most; a file with more is described by "at least" (I10). */
const GAPS_MAX = 10_000;

/**
 * Follows the seqs of a file in its order and tells what is wrong with them exactly: which are missing, which come twice,
 * which come late (I3). Costs one comparison for a row that is as it should be.
 */
export class SeqLedger {
  #highest = Number.NaN;
  #lowest = Number.NaN;
  /** Skipped and not seen since, as [first, last]; disjoint. */
  #gaps: [number, number][] = [];
  #overflow = 0;
  #duplicated = 0;
  #firstDuplicated = 0;
  #late = 0;
  #firstLate = 0;
  #unreadable = 0;

  add(seq: number): void {
    if (seq === this.#highest + 1) this.#highest = seq;
    else this.#addOdd(seq);
  }

  /** Lowest and highest seq; zeros when there is none. */
  bounds(): { readonly firstSeq: number; readonly lastSeq: number } {
    return Number.isNaN(this.#highest) ? { firstSeq: 0, lastSeq: 0 } : { firstSeq: this.#lowest, lastSeq: this.#highest };
  }

  findings(): Finding[] {
    const missing = this.#gaps.reduce((sum, [from, to]) => sum + to - from + 1, this.#overflow);
    const firstMissing = Math.min(...this.#gaps.map(([from]) => from));
    const least = this.#overflow > 0 ? 'about ' : '';
    return [
      ...(missing > 0 ? [differs('seq', `${least}${missing} seqs missing, first ${firstMissing}`, missing)] : []),
      ...(this.#duplicated > 0
        ? [differs('seq', `${this.#duplicated} seqs duplicated, first ${this.#firstDuplicated}`, this.#duplicated)]
        : []),
      ...(this.#late > 0 ? [differs('seq', `${this.#late} rows out of order, first seq ${this.#firstLate}`, this.#late)] : []),
      ...(this.#unreadable > 0 ? [differs('seq', `${this.#unreadable} seqs are not possible`, this.#unreadable)] : []),
    ];
  }

  #addOdd(seq: number): void {
    if (Number.isNaN(seq) || seq < 1) {
      this.#unreadable += 1;
    } else if (Number.isNaN(this.#highest)) {
      this.#lowest = seq;
      this.#highest = seq;
    } else if (seq > this.#highest) {
      this.#addGap(this.#highest + 1, seq - 1);
      this.#highest = seq;
    } else if (seq < this.#lowest) {
      this.#addGap(seq + 1, this.#lowest - 1);
      this.#lowest = seq;
      this.#countLate(seq);
    } else if (this.#fillGap(seq)) {
      this.#countLate(seq);
    } else {
      if (this.#duplicated === 0) this.#firstDuplicated = seq;
      this.#duplicated += 1;
    }
  }

  #countLate(seq: number): void {
    if (this.#late === 0) this.#firstLate = seq;
    this.#late += 1;
  }

  #addGap(from: number, to: number): void {
    if (from > to) return;
    if (this.#gaps.length >= GAPS_MAX) this.#overflow += to - from + 1;
    else this.#gaps.push([from, to]);
  }

  #fillGap(seq: number): boolean {
    const index = this.#gaps.findIndex(([from, to]) => from <= seq && seq <= to);
    const gap = this.#gaps[index];
    if (gap === undefined) return false;
    const [from, to] = gap;
    this.#gaps.splice(index, 1);
    this.#addGap(from, seq - 1);
    this.#addGap(seq + 1, to);
    return true;
  }
}
