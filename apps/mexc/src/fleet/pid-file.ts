import { readFileSync, rmSync } from 'node:fs';
import { writeFileAtomic } from '@mexc-toolkit/core';

/** Writes the pid of a lane in the background, for people and scripts. Nothing here trusts it: whether a lane lives, its lock tells. */
export async function writePid(path: string, pid: number): Promise<void> {
  await writeFileAtomic(path, `${pid}\n`);
}

/** Removes the file when it names this process. */
export function forgetPid(path: string, pid: number): void {
  try {
    if (readFileSync(path, 'utf8') === `${pid}\n`) rmSync(path);
  } catch {
    // there is none: the lane was not started in the background
  }
}
