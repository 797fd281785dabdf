import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, test } from 'vitest';
import { CaptureError, openLock, tryLock } from '@mexc-toolkit/core';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mexc-lock-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const me = { pid: process.pid, what: 'this test' };
const child = fileURLToPath(new URL('lock-child.ts', import.meta.url));

describe('a lock', () => {
  test('is held by one process, is named after it, and is free the moment it is killed with -9', async ({ expect }) => {
    const path = join(directory, 'run/symbol-btc.lock');
    const holder = spawn(
      process.execPath,
      ['--conditions=@mexc-toolkit/source', '--disable-warning=ExperimentalWarning', child, path],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    try {
      await once(holder.stdout, 'data');
      expect(tryLock(path, me)).toBeUndefined();
      const error = (() => {
        try {
          return openLock(path, me);
        } catch (reason) {
          return reason;
        }
      })();
      expect(CaptureError.is(error, 'LOCK_HELD') && error.message).toContain(`held by the child (pid ${holder.pid}, since 2`);
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    using lock = tryLock(path, me);
    expect(lock).toBeDefined();
  });

  test('is held within one process too, until it is disposed of', ({ expect }) => {
    const path = join(directory, 'a.lock');
    {
      using _ = openLock(path, me);
      expect(tryLock(path, me)).toBeUndefined();
    }
    using again = tryLock(path, me);
    expect(again).toBeDefined();
  });

  test('that somebody only looks at can be taken all the same', async ({ expect }) => {
    const path = join(directory, 'a.lock');
    const glance = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        '--conditions=@mexc-toolkit/source',
        '--input-type=module',
        '--eval',
        `import { tryLock } from '@mexc-toolkit/core';
         const lock = tryLock(process.argv[1], { pid: 0, what: 'a look' });
         process.stdout.write('looking');
         setTimeout(() => lock[Symbol.dispose](), 60);`,
        path,
      ],
      { cwd: fileURLToPath(new URL('../..', import.meta.url)), stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const exited = once(glance, 'exit');
    await once(glance.stdout, 'data');
    using lock = openLock(path, me);
    expect(lock.path).toBe(path);
    await exited;
  });
});
