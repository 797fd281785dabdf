import { once } from 'node:events';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { enginePaths } from './paths.ts';
import { readPassword } from './secrets.ts';

/** How to reach the engine of a home. */
export interface EngineAddress {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly pid: number;
  /** Version of ClickHouse. */
  readonly version: string;
}

/** The address that the engine of `home` wrote when it started; says nothing about whether it still lives. */
export function readEngineAddress(home: string): EngineAddress | undefined {
  const paths = enginePaths(home);
  const password = readPassword(paths.password);
  try {
    const value: unknown = JSON.parse(readFileSync(paths.address, 'utf8'));
    if (password === undefined || typeof value !== 'object' || value === null) return undefined;
    if (!('url' in value) || !('pid' in value) || !('version' in value)) return undefined;
    return { url: String(value.url), user: 'default', password, pid: Number(value.pid), version: String(value.version) };
  } catch {
    // Never started, or stopped: both leave no address.
    return undefined;
  }
}

/** Makes the address known, at once and as a whole. The password stays in its own file. */
export function writeEngineAddress(home: string, address: Pick<EngineAddress, 'url' | 'pid' | 'version'>): void {
  const { address: path } = enginePaths(home);
  writeFileSync(`${path}.new`, `${JSON.stringify(address)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Takes the address back. */
export function removeEngineAddress(home: string): void {
  rmSync(enginePaths(home).address, { force: true });
}

/** The engine of `home` if it answers, else undefined. */
export async function findEngine(home: string): Promise<EngineAddress | undefined> {
  const address = readEngineAddress(home);
  return address && (await answers(address)) ? address : undefined;
}

const PING_TIMEOUT_MS = 5_000;

/** Also proves that it is the engine of this home and no other program on its port: it must accept the password. */
async function answers(address: EngineAddress): Promise<boolean> {
  const headers = { 'X-ClickHouse-User': address.user, 'X-ClickHouse-Key': address.password };
  try {
    return (await getText(`${address.url}/engine-identity`, headers)).trim() === String(address.pid);
  } catch {
    // Nobody listens, or not in time: in both cases there is no engine to use.
    return false;
  }
}

/** Not `fetch`: a lane asks this once, and would keep all of undici in memory for it. */
async function getText(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const request = get(url, { headers, agent: false, signal: AbortSignal.timeout(PING_TIMEOUT_MS) });
  const [response]: IncomingMessage[] = await once(request, 'response');
  return response ? await text(response) : '';
}
