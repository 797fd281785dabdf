import { readFileSync } from 'node:fs';
import { decodeFrame } from '@mexc-toolkit/core';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { VersionTracker } from '../../src/gaps/version-tracker.ts';

const recorded = readFileSync(new URL('../../../core/test/fixtures/server-frames.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

describe('a version tracker', () => {
  test('finds no gap in recorded unmerged frames that follow each other, and the one where some were left out', ({ expect }) => {
    const frames = recorded.flatMap((text) => {
      const decoded = decodeFrame(Buffer.from(text));
      return decoded.kind === 'row' &&
        decoded.symbol === 'BTC_USDT' &&
        decoded.versions &&
        decoded.versions.begin === decoded.versions.end
        ? [decoded.versions]
        : [];
    });
    const breakAt = frames.findIndex(({ begin }, index) => index > 0 && begin !== frames[index - 1]!.end + 1);
    const run = frames.slice(0, breakAt);
    expect(run.length).toBeGreaterThanOrEqual(4);
    const tracker = new VersionTracker();
    expect(run.map((versions, index) => tracker.note(versions, index))).toEqual(run.map(() => undefined));
    const broken = new VersionTracker();
    const gaps = run.flatMap((versions, index) => (index === 2 ? [] : [broken.note(versions, index)]));
    expect(gaps.filter((gap) => gap !== undefined)).toEqual([
      { afterVersion: run[1]!.end, beforeVersion: run[3]!.begin, startedUs: 1, endedUs: 3 },
    ]);
  });

  test('finds exactly the ranges that were left out of any sequence, whatever is repeated or stale', ({ expect }) => {
    const step = fc.record({
      length: fc.integer({ min: 1, max: 300 }),
      kind: fc.constantFrom('sent', 'sent', 'left out', 'twice', 'stale'),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const tracker = new VersionTracker();
        const missing: string[] = [];
        const found: string[] = [];
        let version = 1000;
        let lastEnd: number | undefined;
        const note = (begin: number, end: number): void => {
          const gap = tracker.note({ begin, end }, 1);
          if (gap) found.push(`${gap.afterVersion + 1}..${gap.beforeVersion - 1}`);
        };
        for (const { length, kind } of steps) {
          const [begin, end] = [version, version + length - 1];
          version = end + 1;
          if (kind === 'left out') continue;
          if (lastEnd !== undefined && begin > lastEnd + 1) missing.push(`${lastEnd + 1}..${begin - 1}`);
          note(begin, end);
          lastEnd = end;
          if (kind === 'twice') note(begin, end);
          if (kind === 'stale') note(begin - 500, begin - 400);
        }
        expect(found).toEqual(missing);
      }),
    );
  });

  test('begins anew with a session', ({ expect }) => {
    const tracker = new VersionTracker();
    tracker.note({ begin: 1, end: 5 }, 1);
    tracker.reset();
    expect(tracker.note({ begin: 100, end: 105 }, 2)).toBeUndefined();
    expect(tracker.note({ begin: 107, end: 107 }, 3)).toMatchObject({ afterVersion: 105, beforeVersion: 107 });
  });
});
