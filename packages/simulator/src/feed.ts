import type { Change } from './book.ts';
import type { Contract } from './contract.ts';
import { DepthMerge, toDepthFrame } from './frames/depth.ts';
import type { Market } from './market.ts';
import { toRow, type Outgoing } from './outgoing.ts';
import { Streams } from './streams.ts';

/** Changes the next frames of one symbol on their way out. */
export interface FrameFault {
  /** Which channels it waits for. */
  readonly matches: (channel: string) => boolean;
  /** What goes out instead: nothing, one frame, or several. */
  readonly apply: (frame: Outgoing) => readonly Outgoing[];
  /** How many more frames it changes. */
  left: number;
}

/** Everything the exchange keeps for one symbol: its market, who listens, and the faults that wait for its next frames. */
export class Feed {
  readonly contract: Contract;
  readonly market: Market;
  readonly streams = new Streams();
  readonly merge = new DepthMerge();
  /** Faults that wait, oldest first. */
  readonly faults: FrameFault[] = [];
  /** Channels that new subscribers wait for; they get the next turns of this symbol. */
  readonly owed: ('ticker' | 'depth.full')[] = [];
  /** Turns taken, see the pacer. */
  turns = 0;
  /** Monotonic time of the last `push.depth.full`. */
  lastFullAt = -Infinity;
  /** False: the venue answers as if the contract did not exist. */
  isListed = true;
  /** Deals as objects, the form before 2025 (docs/protocol.md §4.3). */
  objectDeals = false;
  /** Frames of this channel (undefined: of all) are silently not sent until a monotonic time. */
  stall: { readonly channel: string | undefined; readonly until: number } | undefined;
  /** Wall clock of the current turn, whole milliseconds. */
  tsMs = 0;

  constructor(market: Market) {
    this.market = market;
    this.contract = market.contract;
    market.book.onChange = (change) => this.#onChange(change);
  }

  /** Sends one frame to the subscribers of `stream`, if there are any. `channel` is without `push.`. */
  publish(stream: string, channel: string, build: () => string): void {
    const sessions = this.streams.sessions(stream);
    if (!sessions || this.#isStalled(channel)) return;
    const frame = toRow(build(), { symbol: this.contract.symbol, channel: `push.${channel}` });
    for (const out of this.faults.length === 0 ? [frame] : this.#applyFault(frame, channel)) {
      for (const session of sessions) session.send(out);
    }
  }

  /** Sends what the merge of depth changes holds. */
  flushMerge(): void {
    if (this.merge.isEmpty) return;
    const text = this.merge.take(this.contract.symbol, this.tsMs);
    this.publish('depth:merged', 'depth', () => text);
  }

  #onChange(change: Change): void {
    if (this.streams.sessions('depth:merged')) this.merge.add(change);
    else if (!this.merge.isEmpty) this.merge.clear();
    if (this.streams.sessions('depth:each')) {
      this.publish('depth:each', 'depth', () => toDepthFrame(this.contract.symbol, change, this.tsMs));
    }
  }

  #isStalled(channel: string): boolean {
    return this.stall !== undefined && (this.stall.channel === undefined || this.stall.channel === channel);
  }

  /** The oldest fault that waits for this channel takes the frame. */
  #applyFault(frame: Outgoing, channel: string): readonly Outgoing[] {
    const index = this.faults.findIndex((fault) => fault.matches(channel));
    const fault = this.faults[index];
    if (!fault) return [frame];
    fault.left -= 1;
    if (fault.left <= 0) this.faults.splice(index, 1);
    return fault.apply(frame);
  }
}
