import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createRequire } from 'node:module';
import { CaptureError } from '@mexc-toolkit/core';
import type * as socks from 'socks-proxy-agent';
import { parseRoute, toPublicRoute } from './parse-route.ts';

/** Loaded for the routes that need it: most lanes never do, and stay smaller. */
const loadSocks = (): typeof socks => createRequire(import.meta.url)('socks-proxy-agent');

/** A route out, ready to be used by `ws` and by HTTP. Owned by who opened it. */
export interface Egress extends Disposable {
  /** The route without credentials, for status, manifest and log. */
  readonly route: string;
  /** For `ws` and `http(s).request`; undefined for Node's own. */
  readonly agent: HttpAgent | undefined;
  /** Translates an error of a connection over this route into a coded one. */
  toError(cause: unknown, target: string): CaptureError;
}

/**
 * Opens a route.
 *
 * @param secure whether the target speaks TLS; an agent serves one of the two.
 * @throws {CaptureError} `EGRESS_INVALID`
 */
export function openEgress(text: string, secure: boolean): Egress {
  const route = parseRoute(text);
  const shown = toPublicRoute(route);
  let agent: HttpAgent | undefined;
  if (route.kind === 'bind') agent = new (secure ? HttpsAgent : HttpAgent)({ localAddress: route.localAddress });
  if (route.kind === 'socks5') {
    // socks5h: the name goes to the proxy. Plain socks5 would look it up here and leak it (docs/architecture.md#egress).
    agent = new (loadSocks().SocksProxyAgent)(route.url.href.replace(/^socks5h?:/, 'socks5h:'));
  }
  return {
    route: shown,
    agent,
    toError: (cause, target) => toEgressError(cause, { route: shown, proxied: route.kind === 'socks5', target }),
    [Symbol.dispose]: () => agent?.destroy(),
  };
}

const OF_THE_NETWORK = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);

/** An error of the SOCKS client: it alone carries the options of the attempt. */
const isOfProxy = (cause: unknown): boolean => cause instanceof Error && 'options' in cause;

function toEgressError(
  cause: unknown,
  about: { readonly route: string; readonly proxied: boolean; readonly target: string },
): CaptureError {
  if (CaptureError.is(cause)) return cause;
  const text = cause instanceof Error ? cause.message || cause.name : String(cause);
  const nodeCode = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const context = { route: about.route, target: about.target };
  if (nodeCode === 'EADDRNOTAVAIL') {
    return new CaptureError('EGRESS_UNREACHABLE', `the egress ${about.route} is not an address of this machine`, {
      cause,
      context,
    });
  }
  // Behind a proxy every error of the network is one on the way to the proxy: beyond it the proxy answers.
  if (about.proxied && (OF_THE_NETWORK.has(nodeCode) || isOfProxy(cause))) {
    return new CaptureError(
      'EGRESS_UNREACHABLE',
      `the egress ${about.route} does not carry a connection to ${about.target}: ${text}`,
      // The proxy client's own errors hold its options, and with them the password: they go no further.
      { cause: isOfProxy(cause) ? new Error(text) : cause, context },
    );
  }
  const status = /^Unexpected server response: (\d{3})$/.exec(text)?.[1];
  if (status)
    return new CaptureError('VENUE_REFUSED', `${about.target} refused the connection with HTTP ${status}`, {
      cause,
      context: { ...context, status: Number(status) },
    });
  return new CaptureError('VENUE_UNREACHABLE', `no connection to ${about.target} over ${about.route}: ${text}`, {
    cause,
    context,
  });
}
