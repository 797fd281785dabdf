import { exceptions } from './exceptions.ts';

/**
 * The text fields of a `multipart/form-data` body, a byte string, in which clients send a query and parameters that are too
 * long for the URL. Files (external tables) are not supported.
 */
export function parseMultipart(body: string, boundary: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  const delimiter = `--${Buffer.from(boundary, 'utf8').toString('latin1')}`;
  for (const part of `\r\n${body}`.split(`\r\n${delimiter}`).slice(1)) {
    const edge = part.indexOf('\r\n\r\n');
    if (edge < 0) continue;
    const head = part.slice(0, edge);
    const name = /;\s*name="([^"]*)"/i.exec(head)?.[1];
    if (name === undefined) continue;
    if (/;\s*filename=/i.test(head)) throw exceptions.notImplemented('External data in a multipart request');
    fields.set(name, Buffer.from(part.slice(edge + 4), 'latin1').toString('utf8'));
  }
  return fields;
}
