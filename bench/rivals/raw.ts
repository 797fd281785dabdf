// Reads the sender's bytes without looking at them: `node raw.ts <url>`. Shows what the sender can do.
import { once } from 'node:events';
import { request } from 'node:http';
import { toHeader } from '../frames.ts';

const url = new URL(process.argv[2] ?? '');
const upgrade = request({
  host: url.hostname,
  port: url.port,
  path: url.pathname,
  headers: {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'bWV4Yy1iZW5jaC1yYXc9PQ==',
  },
});
upgrade.end();
const [, socket] = await once(upgrade, 'upgrade');
for (const method of ['sub.ticker', 'sub.deal', 'sub.depth.full']) socket.write(toMasked(JSON.stringify({ method })));
socket.on('data', () => {});
process.on('disconnect', () => process.kill(process.pid)); // never outlives the bench

/** A client's frame; a mask of zeros leaves the text as it is. */
function toMasked(text: string): Buffer {
  const header = toHeader(text.length);
  header[1]! |= 0x80;
  return Buffer.concat([header, Buffer.alloc(4), Buffer.from(text)]);
}
