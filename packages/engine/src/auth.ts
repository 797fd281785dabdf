import { timingSafeEqual, createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Who asks. `readonly` users run every query with `readonly = 1`. */
export interface User {
  readonly name: string;
  readonly readonly: boolean;
}

/** A user and the password that proves it. */
export interface Account extends User {
  readonly password: string;
}

/** Name and password of a request, as claimed. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/**
 * The credentials of a request: the headers `X-ClickHouse-User` and `X-ClickHouse-Key`, else HTTP Basic, else the parameters
 * `user` and `password`; `default` without a password when there are none.
 */
export function readCredentials(headers: IncomingHttpHeaders, search: URLSearchParams): Credentials {
  const user = headers['x-clickhouse-user'];
  const key = headers['x-clickhouse-key'];
  if (user !== undefined || key !== undefined) return { user: single(user) ?? 'default', password: single(key) ?? '' };
  const basic = /^Basic\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const pair = Buffer.from(basic, 'base64').toString('utf8');
    const colon = pair.indexOf(':');
    return colon < 0 ? { user: pair, password: '' } : { user: pair.slice(0, colon), password: pair.slice(colon + 1) };
  }
  return { user: search.get('user') ?? 'default', password: search.get('password') ?? '' };
}

/** The account that `claimed` proves to be, or undefined. Takes the same time for every wrong password. */
export function authenticate(claimed: Credentials, accounts: readonly Account[]): User | undefined {
  let found: User | undefined;
  for (const account of accounts) {
    const samePassword = timingSafeEqual(digest(claimed.password), digest(account.password));
    if (samePassword && claimed.user === account.name) found = { name: account.name, readonly: account.readonly };
  }
  return found;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
