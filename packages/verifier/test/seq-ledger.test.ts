import { describe, test } from 'vitest';
import { SeqLedger } from '../src/seq-ledger.ts';
import { seeded } from './rows.ts';

const tell = (...seqs: number[]): string[] => {
  const ledger = new SeqLedger();
  for (const seq of seqs) ledger.add(seq);
  return ledger.findings().map((finding) => finding.message);
};

describe('SeqLedger', () => {
  test('has nothing to say about consecutive seqs', ({ expect }) => {
    expect(tell()).toEqual([]);
    expect(tell(7)).toEqual([]);
    expect(tell(7, 8, 9)).toEqual([]);
  });

  test('tells missing, duplicated and late seqs apart', ({ expect }) => {
    expect(tell(1, 2, 5, 6)).toEqual(['2 seqs missing, first 3']);
    expect(tell(1, 2, 2, 3, 1)).toEqual(['2 seqs duplicated, first 2']);
    expect(tell(1, 3, 2, 4)).toEqual(['1 rows out of order, first seq 2']);
    expect(tell(5, 6, 3, 7)).toEqual(['1 seqs missing, first 4', '1 rows out of order, first seq 3']);
    expect(tell(1, Number.NaN, 2, 0)).toEqual(['2 seqs are not possible']);
  });

  test('agrees with a count by set for any sequence', ({ expect }) => {
    const random = seeded(7);
    for (let round = 0; round < 500; round += 1) {
      const seqs = Array.from({ length: 1 + Math.floor(random() * 30) }, () => 1 + Math.floor(random() * 25));
      const ledger = new SeqLedger();
      for (const seq of seqs) ledger.add(seq);
      const distinct = new Set(seqs);
      const counts = Object.fromEntries(ledger.findings().map(({ message, count }) => [message.split(' ')[2], count]));
      expect(ledger.bounds()).toEqual({ firstSeq: Math.min(...seqs), lastSeq: Math.max(...seqs) });
      expect(counts['missing,'] ?? 0).toBe(Math.max(...seqs) - Math.min(...seqs) + 1 - distinct.size);
      expect(counts['duplicated,'] ?? 0).toBe(seqs.length - distinct.size);
    }
  });

  test('stays bounded when every other seq is missing', ({ expect }) => {
    const [message] = tell(...Array.from({ length: 30_000 }, (_, index) => 1 + index * 2));
    expect(message).toBe('about 29999 seqs missing, first 2');
  });
});
