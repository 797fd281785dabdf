import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CaptureError,
  gapSchema,
  openBackoff,
  parseSymbol,
  recordGap,
  writeFileAtomic,
  type Clock,
  type ContractSymbol,
  type Gap,
  type Store,
  type Telemetry,
} from '@mexc-toolkit/core';

import { toSpoolError } from '../spool/segment-file.ts';

interface Entry {
  readonly symbol: ContractSymbol;
  readonly gap: Gap;
}

export interface GapJournalOptions {
  /** The lane's spool directory. */
  readonly directory: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly random: () => number;
}

/**
 * Losses on their way into `gap_log` (I9). Each is first appended to a file of the lane, so that it outlives a store that is
 * down and a `kill -9`; it leaves the file's memory once the store has it. Writing one twice is harmless.
 */
export class GapJournal implements AsyncDisposable {
  readonly #options: GapJournalOptions;
  readonly #file: FileHandle;
  #pending: Entry[];
  #writing = Promise.resolve();
  #sending: Promise<void> | undefined;

  private constructor(options: GapJournalOptions, file: FileHandle, pending: Entry[]) {
    this.#options = options;
    this.#file = file;
    this.#pending = pending;
  }

  static async open(options: GapJournalOptions): Promise<GapJournal> {
    const path = join(options.directory, 'gaps.jsonl');
    const pending = await readPending(path);
    try {
      // Only what still waits is kept, so the file does not grow over the months.
      await writeFileAtomic(path, pending.map(({ symbol, gap }) => `${JSON.stringify({ symbol, ...gap })}\n`).join(''), {
        durable: true,
      });
      return new GapJournal(options, await open(path, 'a', 0o600), pending);
    } catch (error) {
      throw toSpoolError(error, path);
    }
  }

  /** Gaps that the store does not have yet. */
  get pendingCount(): number {
    return this.#pending.length;
  }

  /** Notes a loss. Never throws: a disk that refuses is reported, and the store still gets the gap. */
  note(symbol: ContractSymbol, gap: Gap): void {
    this.#options.telemetry.event('gap.recorded', { symbol, ...gap });
    this.#pending.push({ symbol, gap });
    this.#append({ symbol, ...gap });
  }

  /** Sends what waits, and ends when nothing waits or `signal` aborts. */
  async flush(signal: AbortSignal): Promise<void> {
    await this.#writing;
    this.#sending ??= this.#send(signal).finally(() => {
      this.#sending = undefined;
    });
    await this.#sending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  async #send(signal: AbortSignal): Promise<void> {
    const { store, clock, telemetry, random } = this.#options;
    const backoff = openBackoff({ minMs: 200, maxMs: 5000, random });
    for (let entry = this.#pending[0]; entry && !signal.aborted; entry = this.#pending[0]) {
      try {
        await recordGap(store, entry, signal);
        this.#pending.shift();
        this.#append({ done: true, symbol: entry.symbol, ...entry.gap });
        backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        if (!CaptureError.is(error)) throw error;
        if (backoff.attempts === 0) telemetry.failure(error);
        await clock.sleep(backoff.nextMs(), signal).catch(() => {
          // stopped: the file keeps what waits
        });
      }
    }
  }

  #append(line: object): void {
    this.#writing = this.#writing
      .then(() => this.#file.appendFile(`${JSON.stringify(line)}\n`))
      .then(() => this.#file.datasync())
      .catch((error: unknown) => this.#options.telemetry.failure(error));
  }
}

/** Gaps that were noted and not marked as done. A torn or foreign line is skipped: it was never acknowledged to anybody. */
async function readPending(path: string): Promise<Entry[]> {
  let text = '';
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const pending = new Map<string, Entry>();
  for (const line of text.split('\n')) {
    const entry = readLine(line);
    if (entry?.done) pending.delete(entry.key);
    else if (entry) pending.set(entry.key, entry.value);
  }
  return [...pending.values()];
}

function readLine(line: string): { readonly key: string; readonly done: boolean; readonly value: Entry } | undefined {
  try {
    const { symbol, done, ...rest } = JSON.parse(line);
    const value: Entry = { symbol: parseSymbol(symbol), gap: gapSchema.parse(rest) };
    return { key: JSON.stringify(value), done: done === true, value };
  } catch {
    return undefined; // see above
  }
}
