import { once } from 'node:events';
import { WebSocket } from 'ws';
import { openSimulator, type Simulator, type SimulatorOptions } from '../src/index.ts';

const DEADLINE_MS = 10_000;

/** Resolves when `condition` holds; fails after a generous deadline. */
export async function waitFor(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${DEADLINE_MS} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A simulator with two symbols and frames fast enough for tests. */
export const openVenue = (options: Partial<SimulatorOptions> = {}): Promise<Simulator> =>
  openSimulator({ symbols: ['BTC_USDT', 'ETH_USDT'], rate: 200, pongDelayMs: 1, journalFrames: true, ...options });

/** JSON whose shape the test at hand knows. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests assert the shape themselves
export type Data = any;

/** A plain `ws` client that keeps everything it receives. */
export class Client implements AsyncDisposable {
  readonly ws: WebSocket;
  /** Every message, oldest first. */
  readonly messages: { readonly bytes: Buffer; readonly isBinary: boolean }[] = [];
  closeCode: number | undefined;
  error: Error | undefined;

  private constructor(url: string, options: { skipUTF8Validation?: boolean } = {}) {
    this.ws = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.ws.on('message', (bytes: Buffer, isBinary: boolean) => this.messages.push({ bytes, isBinary }));
    this.ws.on('close', (code) => (this.closeCode = code));
    this.ws.on('error', (error) => (this.error = error));
  }

  static async open(venue: Simulator, options: { skipUTF8Validation?: boolean } = {}): Promise<Client> {
    const client = new Client(venue.wsUrl, options);
    await once(client.ws, 'open');
    return client;
  }

  send(method: string, param?: object): void {
    this.ws.send(JSON.stringify({ method, ...(param && { param }) }));
  }

  /** The default subscriptions of each symbol. */
  subscribe(...symbols: string[]): void {
    for (const symbol of symbols) {
      this.send('sub.ticker', { symbol });
      this.send('sub.deal', { symbol });
      this.send('sub.depth.full', { symbol, limit: 20 });
    }
  }

  /** Text messages. */
  get texts(): string[] {
    return this.messages.filter((message) => !message.isBinary).map((message) => message.bytes.toString());
  }

  /** Text messages of a channel. */
  of(channel: string): string[] {
    return this.texts.filter((text) => text.includes(`"channel":"${channel}"`));
  }

  /** Parsed `data` of the messages of a channel. */
  data(channel: string): Data[] {
    return this.of(channel).map((text) => JSON.parse(text).data);
  }

  async waitFor(channel: string, count = 1): Promise<string[]> {
    await waitFor(`${count} × ${channel}`, () => this.of(channel).length >= count);
    return this.of(channel);
  }

  /** Resolves with the close code. */
  async closed(): Promise<number> {
    await waitFor('the close', () => this.closeCode !== undefined);
    return this.closeCode!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ws.readyState === WebSocket.CLOSED) return;
    this.ws.terminate();
    await waitFor('the close', () => this.closeCode !== undefined);
  }
}

export async function get(url: string): Promise<Data> {
  return await (await fetch(url)).json();
}

export async function post(url: string, body: object): Promise<Data> {
  return await (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json();
}
