import { isIP } from 'node:net';
import type { Egress } from './egress.ts';
import { httpGet } from './http-get.ts';

/**
 * The address under which a server sees us, asked from a service that answers with it as plain text.
 * Null when there is no service, it does not answer, or its answer is no address: the exit address is a fact for the
 * manifest, never a condition of recording.
 */
export async function readExitIp(
  echoUrl: string | undefined,
  options: { readonly egress: Egress; readonly timeoutMs: number },
): Promise<string | null> {
  if (echoUrl === undefined) return null;
  try {
    const answer = (await httpGet(echoUrl, options)).trim();
    return isIP(answer) === 0 ? null : answer;
  } catch {
    return null; // shown as unknown in the status
  }
}
