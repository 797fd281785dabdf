import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'vitest';
import { readJsonFile, writeFileAtomic } from '@mexc-toolkit/core';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mexc-files-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('writeFileAtomic', () => {
  test('replaces the whole text, for its owner alone, and leaves nothing else behind', async ({ expect }) => {
    const path = join(directory, 'a/b/state.json');
    await writeFileAtomic(path, 'x'.repeat(100_000), { durable: true });
    await writeFileAtomic(path, '{}');
    expect(readFileSync(path, 'utf8')).toBe('{}');
    expect(readdirSync(join(directory, 'a/b'))).toEqual(['state.json']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'a')).mode & 0o777).toBe(0o700);
  });

  test('shows a reader the old text or the new, never a part', async ({ expect }) => {
    const path = join(directory, 'state.json');
    const texts = ['a', 'b'].map((letter) => JSON.stringify(letter.repeat(200_000)));
    await writeFileAtomic(path, texts[0]!);
    const done = new AbortController();
    const writing = (async () => {
      for (let index = 0; index < 60; index += 1) await writeFileAtomic(path, texts[index % 2]!);
      done.abort();
    })();
    let reads = 0;
    while (!done.signal.aborted) {
      const value = await readJsonFile(path);
      expect(typeof value === 'string' && value.length).toBe(200_000);
      reads += 1;
    }
    await writing;
    expect(reads).toBeGreaterThan(5);
  });

  test('that fails leaves the old file and no temporary one', async ({ expect }) => {
    const path = join(directory, 'state.json');
    mkdirSync(join(path, 'in the way'), { recursive: true });
    await expect(writeFileAtomic(path, 'x')).rejects.toThrow();
    expect(readdirSync(directory)).toEqual(['state.json']);
  });
});

test('a file that is absent or no JSON reads as undefined', async ({ expect }) => {
  expect(await readJsonFile(join(directory, 'none'))).toBeUndefined();
  writeFileSync(join(directory, 'half'), '{"a":');
  expect(await readJsonFile(join(directory, 'half'))).toBeUndefined();
  await expect(readJsonFile(directory)).rejects.toThrow('EISDIR');
});
