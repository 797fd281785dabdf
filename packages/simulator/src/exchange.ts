import type { XXHashAPI } from 'xxhash-wasm';
import { Canaries, type CanaryOptions } from './canary.ts';
import { parseCommand, type Command } from './commands.ts';
import { Extras } from './extras.ts';
import { Feed } from './feed.ts';
import { toAckFrame, toErrorFrame, toPongFrame } from './frames/control.ts';
import { JournalBook, type CanaryRecord, type Journal } from './journal.ts';
import { Market } from './market.ts';
import type { ResolvedOptions } from './options.ts';
import { toControl, toRow } from './outgoing.ts';
import { Pacer } from './pacer.ts';
import { Random } from './random.ts';
import type { Session } from './session.ts';
import { SessionList } from './session-list.ts';
import { Streams } from './streams.ts';

/** A client that floods pings gets no more than this many pongs at once. */
const MAX_PONGS_DUE = 1000;

/** The exchange itself: markets, sessions and the protocol between them. Knows no HTTP and owns no timer. */
export class Exchange {
  readonly options: ResolvedOptions;
  readonly feeds: ReadonlyMap<string, Feed>;
  readonly journalBook: JournalBook;
  readonly sessions = new SessionList();
  /** Answer unsubscriptions with an ack, as some clients expect (docs/protocol.md §3). */
  unsubAcks = false;
  pongsPerPing = 1;
  isPaused = false;
  readonly #globals = new Streams();
  readonly #pacer: Pacer;
  readonly #extras: Extras;
  readonly #canaries = new Canaries();
  #lastTickAt: number;

  constructor(options: ResolvedOptions, hasher: XXHashAPI) {
    this.options = options;
    this.journalBook = new JournalBook(hasher, options.maxJournalFrames);
    const random = new Random(options.seed);
    let tradeId = 16_000_000_000 + random.integer(0, 400_000_000);
    const nextTradeId = (): string => String((tradeId += random.integer(1, 40)));
    const feeds = options.contracts.map((contract) => {
      const { seed, bookLevels } = options;
      const feed = new Feed(new Market(contract, { seed, bookLevels, nextTradeId }, this.#tsMs()));
      feed.objectDeals = options.objectDeals;
      return feed;
    });
    this.feeds = new Map(feeds.map((feed) => [feed.contract.symbol, feed]));
    this.#pacer = new Pacer(feeds, options);
    this.#extras = new Extras(feeds, this.#globals, options.depthMergeMs);
    this.#lastTickAt = options.clock.monotonic();
  }

  /** The feed of a listed contract, in any case of letters. */
  feed(symbol: string): Feed | undefined {
    const feed = this.feeds.get(symbol.toUpperCase());
    return feed?.isListed ? feed : undefined;
  }

  /** Frames a second; see `SimulatorOptions.rate`. */
  setRate(rate: number): void {
    this.#pacer.setRate(rate);
  }

  /** Stops the market after sending what it held back. Pongs, acks, faults and canaries go on. */
  pause(): void {
    if (!this.isPaused) this.#extras.flushMerges(this.#tsMs());
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  startCanary(feed: Feed, options: CanaryOptions): CanaryRecord {
    return this.#canaries.start(feed, options);
  }

  journal(): Journal {
    return { ...this.journalBook.report(), ...this.sessions.report(), canaries: this.#canaries.report() };
  }

  /** Everything that is due by now. To be called every few milliseconds. */
  tick(): void {
    const monotonicMs = this.options.clock.monotonic();
    const tsMs = this.#tsMs();
    const elapsedMs = monotonicMs - this.#lastTickAt;
    this.#lastTickAt = monotonicMs;
    for (const session of this.sessions.open()) this.#tickSession(session, monotonicMs);
    for (const feed of this.feeds.values()) {
      if (feed.stall && monotonicMs >= feed.stall.until) feed.stall = undefined;
    }
    this.#canaries.advance(elapsedMs, tsMs);
    if (this.isPaused) return;
    this.#pacer.advance(elapsedMs, { monotonicMs, tsMs });
    this.#extras.advance({ monotonicMs, tsMs });
  }

  /** Handles one text message of a client. */
  receive(session: Session, text: string): void {
    const command = parseCommand(text);
    if (!command) return;
    switch (command.kind) {
      case 'ping':
        return this.#receivePing(session);
      case 'refuse':
        return this.#refuse(session, command.text);
      case 'subscribe':
        return this.#subscribe(session, command);
      case 'unsubscribe':
        this.#streamsOf(command.symbol)?.unsubscribe(session, command.slot);
        if (this.unsubAcks) session.send(toControl(toAckFrame(command.method, this.#tsMs()), `rs.${command.method}`));
    }
  }

  /** Forgets a session whose socket has closed. */
  drop(session: Session): void {
    session.markClosed();
    this.sessions.close(session);
    this.#globals.drop(session);
    for (const feed of this.feeds.values()) feed.streams.drop(session);
  }

  #subscribe(session: Session, command: Extract<Command, { kind: 'subscribe' }>): void {
    const { method, symbol, slot, stream } = command;
    const streams = this.#streamsOf(symbol);
    if (!streams) return this.#refuse(session, `Contract [${symbol}] not exists`);
    session.send(toControl(toAckFrame(method, this.#tsMs()), `rs.${method}`));
    if (!streams.subscribe(session, slot, stream)) return;
    if (slot === 'tickers') this.#extras.restartTickers();
    const owed = this.feed(symbol)?.owed;
    if ((slot === 'ticker' || slot === 'depth.full') && owed && !owed.includes(slot)) owed.push(slot);
  }

  #streamsOf(symbol: string): Streams | undefined {
    return symbol === '' ? this.#globals : this.feed(symbol)?.streams;
  }

  #refuse(session: Session, text: string): void {
    session.send(toRow(toErrorFrame(text, this.#tsMs()), { symbol: '', channel: 'rs.error' }));
  }

  #receivePing(session: Session): void {
    const now = this.options.clock.monotonic();
    session.lastPingAt = now;
    for (let pong = 0; pong < this.pongsPerPing && session.pongsDue.length < MAX_PONGS_DUE; pong += 1) {
      session.pongsDue.push(now + this.options.pongDelayMs);
    }
  }

  #tickSession(session: Session, now: number): void {
    if (now >= session.resumeAt) session.resume();
    if (session.stalled) return;
    while ((session.pongsDue[0] ?? Infinity) <= now) {
      session.pongsDue.shift();
      session.send(toControl(toPongFrame(this.#tsMs()), 'pong'));
    }
    if (now - session.lastPingAt >= this.options.idleCutMs) {
      const seconds = Math.max(1, Math.round(this.options.idleCutMs / 1000));
      this.#refuse(session, `more than ${seconds} seconds no response, close the channel`);
      session.terminate();
    } else if (now - session.openedAt >= this.options.maxSessionAgeMs) {
      session.terminate();
    }
  }

  #tsMs(): number {
    return Math.floor(this.options.clock.now());
  }
}
