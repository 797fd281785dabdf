import { writeFile } from 'node:fs/promises';
import type { ContractSymbol } from '@mexc-toolkit/core';

/** Writes a configuration file to begin with; one that is there is left as it is. Returns its path. */
export async function writeFirstConfig(path: string, symbols: readonly ContractSymbol[]): Promise<string> {
  const text = `# Configuration of mexc. Every key, its default and its environment variable: mexc config check
symbols: [${symbols.join(', ')}]
egress: direct

subscriptions:
  ticker: true
  deal: true
  depthFull: 20
  depth: false
`;
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return path;
}
