import type { SessionRecord } from './journal.ts';
import type { Session } from './session.ts';

const MAX_CLOSED_KEPT = 1000;

/** All sessions, open and closed. Of the closed ones the last 1000 are kept. */
export class SessionList {
  readonly #open = new Set<Session>();
  readonly #closed: Session[] = [];
  #forgotten = 0;
  #lastId = 0;

  /** 1, 2, 3 … */
  nextId(): number {
    return (this.#lastId += 1);
  }

  add(session: Session): void {
    this.#open.add(session);
  }

  close(session: Session): void {
    if (!this.#open.delete(session)) return;
    this.#closed.push(session);
    if (this.#closed.length <= MAX_CLOSED_KEPT) return;
    this.#closed.shift();
    this.#forgotten += 1;
  }

  open(): Session[] {
    return [...this.#open];
  }

  report(): { readonly sessions: SessionRecord[]; readonly sessionsForgotten: number } {
    const sessions = [...this.#closed, ...this.#open].toSorted((a, b) => a.id - b.id);
    return { sessions: sessions.map((session) => session.record()), sessionsForgotten: this.#forgotten };
  }
}
