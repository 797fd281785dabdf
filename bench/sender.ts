// A venue that only sends: frames built once, written to the raw socket in large chunks. One client at a time.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { makePool, renew, toHeader, type Channel, type FramePool } from './frames.ts';
import type { SenderCommand, SenderEvent } from './sender-messages.ts';

const POOL_FRAMES = 20_000;
const CHUNK_BYTES = 256 * 1024;
const TICK_MS = 1;

const report = (event: SenderEvent): void => void process.send?.(event);
const pools = new Map<string, FramePool>();
let client: Socket | undefined;
let channels: Channel[] = [];
let symbol = 'BTC_USDT';
let serial = 0;

const server = createServer();
server.on('upgrade', (request, stream) => {
  const socket = stream as Socket;
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.setNoDelay(true);
  socket.on('error', () => {
    // the client went away; the bench sees what it lacks
  });
  client = socket;
  channels = [];
  let unread: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    unread = readClientFrames(Buffer.concat([unread, chunk]), (text) => answer(socket, text));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  report({ kind: 'listening', port: typeof address === 'object' && address ? address.port : 0 });
});

process.on('message', (command: SenderCommand) => void run(command));
process.on('disconnect', () => process.kill(process.pid)); // never outlives the bench

async function run(command: SenderCommand): Promise<void> {
  const startMs = Date.now();
  const sent = command.kind === 'flood' ? await flood(command) : await pace(command);
  report({ kind: 'sent', sent: sent.messages, meanBytes: sent.meanBytes, startMs, endMs: Date.now() });
}

/** As fast as the client reads. */
async function flood({
  count,
  forMs,
}: Extract<SenderCommand, { kind: 'flood' }>): Promise<{ messages: number; meanBytes: number }> {
  const pool = currentPool();
  const untilMs = Date.now() + (forMs ?? Infinity);
  let messages = 0;
  while (messages < count && Date.now() < untilMs && isOpen()) {
    const take = Math.min(pool.frames.length, count - messages);
    const ms = Date.now();
    for (const frame of pool.frames) renew(pool, frame, { ms, serial: (serial += 1) });
    // Whole frames, as a pong may be written between two chunks. The bytes are renewed only when all of them are on their way.
    for (const chunk of toChunks(pool, take)) if (isOpen()) await written(chunk);
    messages += take;
  }
  return { messages, meanBytes: pool.meanBytes };
}

function toChunks(pool: FramePool, take: number): Buffer[] {
  const chunks: Buffer[] = [];
  let from = 0;
  for (const { offset, length } of pool.frames.slice(0, take)) {
    if (offset + length - from < CHUNK_BYTES) continue;
    chunks.push(pool.bytes.subarray(from, offset + length));
    from = offset + length;
  }
  const last = pool.frames[take - 1]!;
  return [...chunks, pool.bytes.subarray(from, last.offset + last.length)];
}

/** Evenly; each frame carries the time at which it is sent. */
async function pace({
  perSecond,
  count,
}: Extract<SenderCommand, { kind: 'pace' }>): Promise<{ messages: number; meanBytes: number }> {
  const pool = currentPool();
  const startMs = performance.now();
  let messages = 0;
  while (messages < count && isOpen()) {
    const due = Math.min(count, Math.floor(((performance.now() - startMs) * perSecond) / 1000) + 1);
    const burst: Buffer[] = [];
    for (; messages < due; messages += 1) {
      const frame = pool.frames[messages % pool.frames.length]!;
      renew(pool, frame, { ms: Date.now(), serial: (serial += 1) });
      burst.push(Buffer.from(pool.bytes.subarray(frame.offset, frame.offset + frame.length)));
    }
    if (burst.length > 0) client?.write(Buffer.concat(burst));
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  return { messages, meanBytes: pool.meanBytes };
}

const isOpen = (): boolean => client !== undefined && !client.destroyed;

function written(bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (!client || client.destroyed) return resolve();
    client.write(bytes, () => resolve());
  });
}

function currentPool(): FramePool {
  const key = `${symbol} ${channels.join(' ')}`;
  const pool = pools.get(key) ?? makePool(symbol, channels, POOL_FRAMES);
  pools.set(key, pool);
  return pool;
}

function answer(socket: Socket, text: string): void {
  const { method, param } = JSON.parse(text) as { method: string; param?: { symbol?: string } };
  const send = (frame: object): void => {
    const bytes = Buffer.from(JSON.stringify(frame));
    socket.write(Buffer.concat([toHeader(bytes.length), bytes]));
  };
  if (method === 'ping') return send({ channel: 'pong', data: Date.now() });
  if (!method.startsWith('sub.')) return;
  symbol = param?.symbol ?? symbol;
  channels = [...channels, `push.${method.slice('sub.'.length)}` as Channel];
  send({ channel: `rs.${method}`, data: 'success', ts: Date.now() });
  report({ kind: 'subscribed', channels });
}

/** Text frames of a client, which are masked and short. Returns what is not a whole frame yet. */
function readClientFrames(bytes: Buffer, onText: (text: string) => void): Buffer {
  let at = 0;
  for (;;) {
    if (bytes.length - at < 6) return bytes.subarray(at);
    const opcode = bytes[at]! & 15;
    let length = bytes[at + 1]! & 127;
    let maskAt = at + 2;
    if (length === 126) {
      length = bytes.readUInt16BE(maskAt);
      maskAt += 2;
    }
    const from = maskAt + 4;
    if (bytes.length < from + length) return bytes.subarray(at);
    const payload = Buffer.from(bytes.subarray(from, from + length)).map((byte, index) => byte ^ bytes[maskAt + (index % 4)]!);
    if (opcode === 1) onText(Buffer.from(payload).toString('utf8'));
    at = from + length;
  }
}
