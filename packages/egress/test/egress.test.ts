import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { CaptureError } from '@mexc-toolkit/core';
import { openSocksServer } from '@mexc-toolkit/testkit';
import { describe, test } from 'vitest';
import { httpGet, openEgress, readExitIp } from '@mexc-toolkit/egress';

async function openServer(answer: RequestListener): Promise<AsyncDisposable & { readonly port: number; readonly url: string }> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const echo = () => openServer((request, response) => response.end(`${request.socket.remoteAddress}\n`));

async function codeOf(work: Promise<unknown>): Promise<CaptureError> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (CaptureError.is(error)) return error;
  throw new Error(`no coded error but ${inspect(error)}`);
}

describe('an egress', () => {
  test.for([
    ['direct', '127.0.0.1'],
    ['bind:127.0.0.77', '127.0.0.77'],
  ])('%s leaves from %s', async ([route, address], { expect }) => {
    await using server = await echo();
    using egress = openEgress(route!, false);
    expect(await readExitIp(server.url, { egress, timeoutMs: 5000 })).toBe(address);
  });

  test('through a SOCKS proxy gives it the name of the target, and never looks it up', async ({ expect }) => {
    await using server = await echo();
    await using proxy = await openSocksServer({ resolve: () => ({ host: '127.0.0.1', port: server.port }) });
    for (const scheme of ['socks5', 'socks5h']) {
      using egress = openEgress(`${scheme}://127.0.0.1:${proxy.port}`, false);
      // A name that exists nowhere: looked up here, it would be an error.
      expect(await httpGet('http://echo.invalid:8080/', { egress, timeoutMs: 5000 })).toBe('127.0.0.1\n');
    }
    expect(proxy.targets).toEqual(['echo.invalid:8080', 'echo.invalid:8080']);
  });

  test('through a proxy that refuses, is absent, or wants another password is EGRESS_UNREACHABLE without the password', async ({
    expect,
  }) => {
    await using refusing = await openSocksServer({ resolve: () => undefined });
    await using strict = await openSocksServer({ resolve: () => undefined, credentials: { user: 'a', password: 'b' } });
    const routes = [
      `socks5://me:secret@127.0.0.1:${refusing.port}`,
      `socks5://me:secret@127.0.0.1:${strict.port}`,
      'socks5://me:secret@127.0.0.1:9',
      'socks5://me:secret@proxy.invalid:9',
    ];
    for (const route of routes) {
      using egress = openEgress(route, false);
      const error = await codeOf(httpGet('http://venue.invalid/', { egress, timeoutMs: 5000 }));
      expect(error.code).toBe('EGRESS_UNREACHABLE');
      expect(inspect(error, { depth: 10 })).not.toContain('secret');
    }
  });

  test('from an address that is not of this machine is EGRESS_UNREACHABLE', async ({ expect }) => {
    await using server = await echo();
    using egress = openEgress('bind:192.0.2.7', false);
    expect(await codeOf(httpGet(server.url, { egress, timeoutMs: 5000 }))).toMatchObject({ code: 'EGRESS_UNREACHABLE' });
  });
});

describe('httpGet', () => {
  test.for([
    ['a status other than 200', (_, response) => response.writeHead(403).end('<html>'), 'VENUE_REFUSED'],
    ['no answer in time', () => {}, 'VENUE_UNREACHABLE'],
    [
      'an answer that breaks off',
      (request, response) => response.writeHead(200, { 'content-length': 10 }).write('x', () => request.socket.destroy()),
      'VENUE_UNREACHABLE',
    ],
    ['an answer without end', (_, response) => writeForEver(response), 'VENUE_UNREACHABLE'],
  ] as [string, RequestListener, string][])('is a coded error for %s', async ([, answer, code], { expect }) => {
    await using server = await openServer(answer);
    using egress = openEgress('direct', false);
    expect((await codeOf(httpGet(server.url, { egress, timeoutMs: 800 }))).code).toBe(code);
  });

  test('reads no exit address from what is none', async ({ expect }) => {
    await using server = await openServer((_, response) => response.end('<html>not an address</html>'));
    using egress = openEgress('direct', false);
    expect(await readExitIp(server.url, { egress, timeoutMs: 5000 })).toBeNull();
    expect(await readExitIp('http://127.0.0.1:9/', { egress, timeoutMs: 5000 })).toBeNull();
    expect(await readExitIp(undefined, { egress, timeoutMs: 5000 })).toBeNull();
  });
});

function writeForEver(response: Parameters<RequestListener>[1]): void {
  const chunk = Buffer.alloc(1_000_000);
  const more = (): void => {
    if (!response.destroyed) response.write(chunk, more);
  };
  more();
}
