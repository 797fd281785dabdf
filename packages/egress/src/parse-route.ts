import { isIP } from 'node:net';
import { CaptureError } from '@mexc-toolkit/core';

/** A route out, parsed. */
export type Route =
  | { readonly kind: 'direct' }
  /** Leaves from this local address. */
  | { readonly kind: 'bind'; readonly localAddress: string }
  /** Names are resolved at the proxy, never here. */
  | { readonly kind: 'socks5'; readonly url: URL };

/**
 * Reads the text form of a route: `direct`, `bind:127.0.0.2`, `socks5://[user:pass@]host:port`.
 *
 * @throws {CaptureError} `EGRESS_INVALID`; the message holds no password.
 */
export function parseRoute(text: string): Route {
  if (text === 'direct') return { kind: 'direct' };
  if (text.startsWith('bind:')) {
    const localAddress = text.slice('bind:'.length).replace(/^\[(.*)\]$/, '$1');
    if (isIP(localAddress) === 0) throw invalid(text, 'is not an IP address');
    return { kind: 'bind', localAddress };
  }
  if (/^socks5h?:\/\//.test(text) && URL.canParse(text)) {
    const url = new URL(text);
    if (url.hostname === '' || url.port === '' || !['', '/'].includes(url.pathname))
      throw invalid(text, 'needs a host and a port');
    return { kind: 'socks5', url };
  }
  throw invalid(text, 'is of no known form');
}

/** The route as it may be shown: without user and password. */
export function toPublicRoute(route: Route): string {
  switch (route.kind) {
    case 'direct':
      return 'direct';
    case 'bind':
      return `bind:${route.localAddress}`;
    case 'socks5':
      return `socks5://${route.url.host}`;
  }
}

const invalid = (text: string, why: string): CaptureError =>
  new CaptureError('EGRESS_INVALID', `the egress "${text.replace(/^.*@/s, '***@').slice(0, 100)}" ${why}`);
