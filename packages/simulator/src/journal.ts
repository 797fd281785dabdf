import type { XXHashAPI } from 'xxhash-wasm';
import type { Outgoing } from './outgoing.ts';
import { Tally, type TallyReport } from './tally.ts';

/** One WebSocket connection and what was handed to it. */
export interface SessionRecord {
  readonly id: number;
  /** The caller's source address, without `::ffff:`. */
  readonly remoteAddress: string;
  /** Milliseconds since the Unix epoch. */
  readonly openedAtMs: number;
  readonly closedAtMs: number | undefined;
  /** Why it ended, as the simulator sees it. */
  readonly closedBy: 'client' | 'simulator' | undefined;
  /** Rows handed to the socket; of them the kernel accepted `rowsFlushed` for certain. */
  readonly rows: number;
  readonly rowsFlushed: number;
  /** Pongs and acks. */
  readonly controls: number;
  /** Bytes handed over that the kernel had not accepted; final once closed. They never arrived. */
  readonly unsentBytes: number;
  /** Rows by symbol. */
  readonly symbols: Readonly<Record<string, TallyReport>>;
}

/** Progress of a canary. */
export interface CanaryRecord {
  readonly sent: number;
  readonly count: number;
}

/**
 * Ground truth: what was handed to open sockets. A frame sent to two sessions counts twice.
 * Only frames that a recorder must store are in the tallies; pongs and successful acks are in `controls`.
 */
export interface Journal {
  readonly total: TallyReport;
  /** By symbol; '' holds what belongs to no symbol, such as `rs.error` and `push.tickers`. */
  readonly symbols: Readonly<Record<string, TallyReport>>;
  /** By channel: `pong`, `rs.sub.deal`. */
  readonly controls: Readonly<Record<string, number>>;
  /** Oldest first, the open ones and the last 1000 closed ones. */
  readonly sessions: readonly SessionRecord[];
  /** Closed sessions that are no longer listed; their frames stay in the totals. */
  readonly sessionsForgotten: number;
  /** By symbol. */
  readonly canaries: Readonly<Record<string, CanaryRecord>>;
  /** Frames that `journalFrames` could not keep because its bound was reached. */
  readonly framesForgotten: number;
}

/** One frame as kept with `journalFrames`, oldest first. */
export interface JournalFrame {
  readonly symbol: string;
  readonly session: number;
  readonly channel: string;
  /** The frame as text; base64 when it is not valid UTF-8. */
  readonly text: string;
  readonly encoding: 'utf8' | 'base64';
}

interface JournalledFrame {
  readonly frame: Outgoing;
  readonly session: number;
}

/** Books what sessions hand to their sockets. */
export class JournalBook {
  readonly #hasher: XXHashAPI;
  readonly #maxFrames: number;
  readonly #total = new Tally();
  readonly #symbols = new Map<string, Tally>();
  readonly #controls = new Map<string, number>();
  readonly #frames: JournalledFrame[] = [];
  #framesForgotten = 0;
  #lastHashed: Outgoing | undefined;
  #lastHash = 0n;

  constructor(hasher: XXHashAPI, maxFrames: number) {
    this.#hasher = hasher;
    this.#maxFrames = maxFrames;
  }

  /** Books one frame to one session's tallies and to the totals. */
  add(frame: Outgoing, session: { readonly id: number; readonly tallies: Map<string, Tally> }): void {
    if (frame.kind === 'control') {
      this.#controls.set(frame.channel, (this.#controls.get(frame.channel) ?? 0) + 1);
      return;
    }
    const hash = this.#hash(frame);
    for (const tally of [this.#total, tallyOf(this.#symbols, frame.symbol), tallyOf(session.tallies, frame.symbol)]) {
      tally.add(frame.channel, frame.content.length, hash);
    }
    if (this.#frames.length < this.#maxFrames) this.#frames.push({ frame, session: session.id });
    else if (this.#maxFrames > 0) this.#framesForgotten += 1;
  }

  report(): Pick<Journal, 'total' | 'symbols' | 'controls' | 'framesForgotten'> {
    return {
      total: this.#total.report(),
      symbols: reportTallies(this.#symbols),
      controls: Object.fromEntries(this.#controls),
      framesForgotten: this.#framesForgotten,
    };
  }

  frames(symbol?: string): JournalFrame[] {
    return this.#frames.filter(({ frame }) => symbol === undefined || frame.symbol === symbol).map(toJournalFrame);
  }

  /** A frame goes to its sessions one after the other, so the last hash is nearly always the one needed. */
  #hash(frame: Outgoing): bigint {
    if (this.#lastHashed !== frame) {
      this.#lastHash = this.#hasher.h64Raw(frame.content);
      this.#lastHashed = frame;
    }
    return this.#lastHash;
  }
}

/** Reports by symbol. */
export const reportTallies = (tallies: ReadonlyMap<string, Tally>): Record<string, TallyReport> =>
  Object.fromEntries([...tallies].map(([symbol, tally]) => [symbol, tally.report()]));

function tallyOf(tallies: Map<string, Tally>, symbol: string): Tally {
  let tally = tallies.get(symbol);
  if (!tally) tallies.set(symbol, (tally = new Tally()));
  return tally;
}

function toJournalFrame({ frame, session }: JournalledFrame): JournalFrame {
  const { symbol, channel, content } = frame;
  const text = content.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(content);
  return { symbol, session, channel, text: isText ? text : content.toString('base64'), encoding: isText ? 'utf8' : 'base64' };
}
