import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CaptureError, parseSymbol, systemClock, type Gap, type Store } from '@mexc-toolkit/core';
import { describe, test } from 'vitest';
import { GapJournal } from '../../src/gaps/gap-journal.ts';
import { openRecordedTelemetry } from '../support/telemetry.ts';
import { openTempDirectory } from '../support/temp-directory.ts';

const symbol = parseSymbol('BTC_USDT');
const gap = (startedUs: number, detail = 'x'): Gap => ({ kind: 'quarantine', startedUs, endedUs: startedUs, detail });

/** A gap_log in memory: knows the two statements of `recordGap`. */
function openLog(): { readonly store: Store; readonly details: string[]; isDown: boolean } {
  const log = {
    details: [] as string[],
    isDown: false,
    store: {
      database: 'x',
      query: async () => {
        if (log.isDown) throw new CaptureError('STORE_UNREACHABLE', 'down');
        return [{ n: '0' }];
      },
      insert: async (_: string, body: readonly Uint8Array[]) => {
        log.details.push(JSON.parse(Buffer.concat(body).toString()).detail);
      },
    } as unknown as Store,
  };
  return log;
}

const open = (directory: string, store: Store): Promise<GapJournal> =>
  GapJournal.open({ directory, store, clock: systemClock, telemetry: openRecordedTelemetry().telemetry, random: Math.random });

describe('the gap journal', () => {
  test('sends each gap once, and after a crash those alone that were not sent', async ({ expect }) => {
    using directory = openTempDirectory();
    const log = openLog();
    {
      await using journal = await open(directory.path, log.store);
      journal.note(symbol, gap(1, 'a'));
      await journal.flush(AbortSignal.timeout(5000));
      log.isDown = true;
      journal.note(symbol, gap(1, 'b')); // the same kind and time, another loss
      journal.note(symbol, gap(2, 'c'));
      await journal.flush(AbortSignal.timeout(50));
      expect(journal.pendingCount).toBe(2);
    }
    expect(log.details).toEqual(['a']);
    log.isDown = false;
    await using journal = await open(directory.path, log.store);
    expect(journal.pendingCount).toBe(2);
    await journal.flush(AbortSignal.timeout(5000));
    expect(log.details).toEqual(['a', 'b', 'c']);
  });

  test('forgets on its file what was sent, and passes over a line that a crash has torn', async ({ expect }) => {
    using directory = openTempDirectory();
    const log = openLog();
    const path = join(directory.path, 'gaps.jsonl');
    {
      await using journal = await open(directory.path, log.store);
      for (let index = 0; index < 20; index += 1) journal.note(symbol, gap(index));
      await journal.flush(AbortSignal.timeout(5000));
    }
    {
      await using _ = await open(directory.path, log.store);
      expect(readFileSync(path, 'utf8')).toBe('');
    }
    appendFileSync(path, `${JSON.stringify({ symbol, ...gap(7) })}\n{"symbol":"BTC_`);
    await using journal = await open(directory.path, log.store);
    expect(journal.pendingCount).toBe(1);
  });
});
