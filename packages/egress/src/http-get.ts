import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Egress } from './egress.ts';

const MAX_BYTES = 16 * 1024 * 1024;

/**
 * GETs a URL over an egress and returns its body as text.
 *
 * @throws {CaptureError} `VENUE_UNREACHABLE`, `VENUE_REFUSED` (a status other than 200), `EGRESS_UNREACHABLE`.
 */
export async function httpGet(url: string, options: { readonly egress: Egress; readonly timeoutMs: number }): Promise<string> {
  const { egress } = options;
  const target = new URL(url);
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const outgoing = request(url, {
    agent: egress.agent,
    headers: { 'user-agent': 'mexc-toolkit' },
    signal: AbortSignal.timeout(options.timeoutMs),
  });
  outgoing.on('error', reject);
  outgoing.on('response', (response) => {
    if (response.statusCode !== 200) {
      response.resume();
      reject(new Error(`Unexpected server response: ${response.statusCode}`));
      return;
    }
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) response.destroy(new Error(`answer larger than ${MAX_BYTES} bytes`));
    });
    text(response).then(resolve, reject);
  });
  outgoing.end();
  try {
    return await promise;
  } catch (error) {
    throw egress.toError(error, target.host);
  }
}
