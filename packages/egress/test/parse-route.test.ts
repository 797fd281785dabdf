import { CaptureError } from '@mexc-toolkit/core';
import { describe, test } from 'vitest';
import { parseRoute, toPublicRoute } from '@mexc-toolkit/egress';

describe('a route', () => {
  test.for([
    ['direct', 'direct'],
    ['bind:127.0.0.2', 'bind:127.0.0.2'],
    ['bind:[::1]', 'bind:::1'],
    ['socks5://127.0.0.1:9050', 'socks5://127.0.0.1:9050'],
    ['socks5h://user:secret@proxy.example:1080/', 'socks5://proxy.example:1080'],
    ['socks5://us%40er:se%2Fcret@[::1]:1080', 'socks5://[::1]:1080'],
  ])('%s is shown as %s', ([text, shown], { expect }) => {
    expect(toPublicRoute(parseRoute(text!))).toBe(shown);
  });

  test.for([
    '',
    'Direct',
    'bind:',
    'bind:localhost',
    'bind:127.0.0.999',
    'http://secret@host:1',
    'socks4://secret@host:1',
    'socks5://host',
    'socks5://user:secret@host',
    'socks5://user:se/secret@host:1',
    'socks5://user:p@secret@host:bad',
    'socks5:user:secret@host:1',
    'socks5://host:1/path',
    'socks5://host:99999',
  ])('%s is EGRESS_INVALID, and its password is not told', (text, { expect }) => {
    const error = (() => {
      try {
        return parseRoute(text);
      } catch (reason) {
        return reason;
      }
    })();
    expect(CaptureError.is(error, 'EGRESS_INVALID') && JSON.stringify(error)).toMatch(/EGRESS_INVALID/);
    expect(String(error)).not.toContain('secret');
  });
});
