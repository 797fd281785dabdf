// Receives with `ws` and does nothing, or parses: `node ws.ts <url> <count> count|parse`.
import { WebSocket } from 'ws';
import type { RivalEvent } from './messages.ts';

const symbol = 'BTC_USDT';
const SUBSCRIPTIONS = [
  { method: 'sub.ticker', param: { symbol } },
  { method: 'sub.deal', param: { symbol } },
  { method: 'sub.depth.full', param: { symbol, limit: 20 } },
];
const [url = '', count = '0', work] = process.argv.slice(2);
const wanted = Number(count) + SUBSCRIPTIONS.length;
let messages = 0;
let checksum = 0;

const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
socket.on('open', () => {
  for (const command of SUBSCRIPTIONS) socket.send(JSON.stringify(command));
});
socket.on('message', (data: Buffer) => {
  if (work === 'parse') checksum += (JSON.parse(data.toString('utf8')) as { ts: number }).ts;
  messages += 1;
  if (messages === wanted) finish();
});
process.on('disconnect', () => process.kill(process.pid)); // never outlives the bench

function finish(): void {
  const done: RivalEvent = { kind: 'done', atMs: Date.now() };
  if (Number.isNaN(checksum)) throw new Error('a frame has no time');
  process.send?.(done);
}
