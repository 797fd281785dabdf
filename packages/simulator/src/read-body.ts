import type { IncomingMessage } from 'node:http';

/** Room for a 10 MB frame in base64, and more. */
const MAX_BODY_BYTES = 2 ** 26;

/** The whole body of a request as text; undefined when it is longer than 64 MiB. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
