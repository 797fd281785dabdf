import { readFile, stat } from 'node:fs/promises';
import { parseManifest, type Manifest } from '@mexc-toolkit/core';
import { reasonOf, unread, type Finding } from './report.ts';

/** Gaps and reports fit many times over; bounds what a damaged or foreign file makes us read (I10). */
const MANIFEST_MAX_BYTES = 64 * 1024 * 1024;

/** A manifest, or why there is none to go by. Never throws. */
export async function loadManifest(
  path: string,
): Promise<{ readonly manifest?: Manifest; readonly findings: readonly Finding[] }> {
  try {
    const { size } = await stat(path);
    if (size > MANIFEST_MAX_BYTES) throw new Error(`${size} bytes are too many for a manifest`);
    return { manifest: parseManifest(await readFile(path, 'utf8'), path), findings: [] };
  } catch (error) {
    return { findings: [unread('manifest', `the manifest cannot be read: ${reasonOf(error)}`)] };
  }
}
