import type { Session } from './session.ts';

/**
 * What sessions are subscribed to. A `stream` is one sequence of frames (`depth.full:20`); a `slot` is what a session can
 * hold once (`depth.full`): subscribing again replaces, so a stream is never doubled (docs/protocol.md §3, §5.3).
 */
export class Streams {
  readonly #sessions = new Map<string, Set<Session>>();
  readonly #slots = new Map<Session, Map<string, string>>();

  /** Returns true when the session did not have this stream before. */
  subscribe(session: Session, slot: string, stream: string): boolean {
    const slots = this.#slots.get(session) ?? new Map<string, string>();
    this.#slots.set(session, slots);
    const held = slots.get(slot);
    if (held === stream) return false;
    if (held !== undefined) this.#remove(session, held);
    slots.set(slot, stream);
    const sessions = this.#sessions.get(stream) ?? new Set();
    this.#sessions.set(stream, sessions.add(session));
    return true;
  }

  /** Ends the slot, and every slot below it: `kline` ends `kline:Min1`. */
  unsubscribe(session: Session, slot: string): void {
    const slots = this.#slots.get(session);
    for (const [held, stream] of slots ?? []) {
      if (held !== slot && !held.startsWith(`${slot}:`)) continue;
      slots?.delete(held);
      this.#remove(session, stream);
    }
    if (slots?.size === 0) this.#slots.delete(session);
  }

  /** Forgets a closed session. */
  drop(session: Session): void {
    for (const stream of this.#slots.get(session)?.values() ?? []) this.#remove(session, stream);
    this.#slots.delete(session);
  }

  sessions(stream: string): ReadonlySet<Session> | undefined {
    return this.#sessions.get(stream);
  }

  /** Streams with at least one session. */
  active(): IterableIterator<string> {
    return this.#sessions.keys();
  }

  /** Every session with at least one stream, in the order in which they came. */
  allSessions(): Session[] {
    return [...this.#slots.keys()];
  }

  #remove(session: Session, stream: string): void {
    const sessions = this.#sessions.get(stream);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#sessions.delete(stream);
  }
}
