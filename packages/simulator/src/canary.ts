import type { Feed } from './feed.ts';
import { toCanaryFrame } from './frames/control.ts';
import type { CanaryRecord } from './journal.ts';
import { toRow } from './outgoing.ts';

/** What to send: `count` frames, `rate` a second. */
export interface CanaryOptions {
  readonly symbol: string;
  readonly rate: number;
  readonly count: number;
}

interface Flight {
  readonly feed: Feed;
  readonly rate: number;
  count: number;
  sent: number;
  credit: number;
}

const CATCH_UP_MS = 250;

/**
 * Sends numbered `push.canary` frames, 1, 2, 3 … without a break, to every session that subscribes anything of the symbol.
 * A number is used up only when a socket took it: while nobody listens, the canary waits. Runs also while the market pauses.
 */
export class Canaries {
  readonly #flights = new Map<string, Flight>();

  /** Starts a canary; one that runs already goes on counting for `count` more. */
  start(feed: Feed, options: CanaryOptions): CanaryRecord {
    const { symbol } = feed.contract;
    const earlier = this.#flights.get(symbol);
    const sent = earlier?.sent ?? 0;
    const count = (earlier?.count ?? 0) + options.count;
    this.#flights.set(symbol, { feed, rate: options.rate, count, sent, credit: 0 });
    return { sent, count };
  }

  advance(elapsedMs: number, tsMs: number): void {
    for (const flight of this.#flights.values()) {
      if (flight.sent === flight.count) continue;
      flight.credit += (Math.min(elapsedMs, CATCH_UP_MS) * flight.rate) / 1000;
      for (; flight.credit >= 1 && flight.sent < flight.count; flight.credit -= 1) sendNext(flight, tsMs);
    }
  }

  report(): Record<string, CanaryRecord> {
    return Object.fromEntries([...this.#flights].map(([symbol, { sent, count }]) => [symbol, { sent, count }]));
  }
}

function sendNext(flight: Flight, tsMs: number): void {
  const { symbol } = flight.feed.contract;
  const frame = toRow(toCanaryFrame(symbol, flight.sent + 1, tsMs), { symbol, channel: 'push.canary' });
  const taken = flight.feed.streams.allSessions().map((session) => session.send(frame));
  if (taken.includes(true)) flight.sent += 1;
}
