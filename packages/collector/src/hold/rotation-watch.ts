import { mkdir, stat } from 'node:fs/promises';
import type { RotationState } from '@mexc-toolkit/core';
import type { Background } from '../lane/background.ts';
import type { SymbolStream } from '../lane/symbol-stream.ts';
import { holdForRotation, type HoldOptions } from './hold.ts';
import { readRotationState } from './rotation-files.ts';

const WATCH_INTERVAL_MS = 100;

/** Answers every announcement of a rotation; one at a time for each stream, because the end of a hold releases the stream. */
export function answerRotations(background: Background, streams: readonly SymbolStream[], options: HoldOptions): void {
  const watch = new RotationWatch(options.directory, streams);
  const holds = new Map<string, Promise<void>>();
  background.every(WATCH_INTERVAL_MS, async () => {
    for (const { stream, state } of await watch.poll()) {
      const earlier = holds.get(stream.base) ?? Promise.resolve();
      const hold = earlier.then(() => holdForRotation(stream, state, options));
      const ended = hold.catch(() => {
        // reported by the background, which runs it
      });
      holds.set(stream.base, ended);
      background.run(() => hold);
    }
  });
}

/** Finds announcements of rotations. Cheap when nothing changes: one `stat` a turn. */
export class RotationWatch {
  readonly #directory: string;
  readonly #streams: readonly SymbolStream[];
  readonly #seen = new Map<string, string>();
  #lastChangeMs = -1;
  #turns = 0;

  constructor(directory: string, streams: readonly SymbolStream[]) {
    this.#directory = directory;
    this.#streams = streams;
  }

  /** Announcements that were not returned before. */
  async poll(): Promise<{ readonly stream: SymbolStream; readonly state: RotationState }[]> {
    this.#turns += 1;
    const changedMs = await this.#changedMs();
    // Some shared file systems keep no exact times: look at the files now and then in any case.
    if (changedMs === this.#lastChangeMs && this.#turns % 20 !== 0) return [];
    this.#lastChangeMs = changedMs;
    const found: { readonly stream: SymbolStream; readonly state: RotationState }[] = [];
    for (const stream of this.#streams) {
      const state = await readRotationState(this.#directory, stream.base);
      if (state?.phase !== 'announced' || state.attempt === null || this.#seen.get(stream.base) === state.attempt) continue;
      this.#seen.set(stream.base, state.attempt);
      found.push({ stream, state });
    }
    return found;
  }

  async #changedMs(): Promise<number> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    return (await stat(this.#directory)).mtimeMs;
  }
}
