import type { Book, Change, Side } from './book.ts';

/** A past state of a book, as REST serves it. */
export interface BookSnapshot {
  readonly version: number;
  readonly atMs: number;
  /** Levels as frame text, best first. */
  readonly asks: readonly string[];
  readonly bids: readonly string[];
}

/**
 * The book as it stood `lagVersions` ago (fewer when the history is shorter). The venue's REST answers lag the socket
 * by 0–415 versions (docs/protocol.md §5.4).
 */
export function snapshotBook(book: Book, lagVersions: number, limit: number): BookSnapshot {
  const undo: Record<Side, Map<number, Change>> = { asks: new Map(), bids: new Map() };
  let version = book.version;
  for (; version > book.version - lagVersions; version -= 1) {
    const change = book.change(version);
    if (!change) break;
    // Going back in time, the last one written is the oldest: it holds the size to return to.
    undo[change.side].set(change.ticks, change);
  }
  return {
    version,
    atMs: book.change(version)?.atMs ?? book.change(book.version)?.atMs ?? 0,
    asks: restoreSide(book, undo.asks, { side: 'asks', limit }),
    bids: restoreSide(book, undo.bids, { side: 'bids', limit }),
  };
}

function restoreSide(book: Book, undo: Map<number, Change>, options: { side: Side; limit: number }): string[] {
  const kept = book[options.side].filter((level) => !undo.has(level.ticks)).map(({ ticks, text }) => ({ ticks, text }));
  const restored = [...undo.values()]
    .filter((change) => change.sizeBefore > 0)
    .map(({ ticks, priceText, sizeBefore, ordersBefore }) => ({ ticks, text: `[${priceText},${sizeBefore},${ordersBefore}]` }));
  const direction = options.side === 'asks' ? 1 : -1;
  const levels = [...kept, ...restored].toSorted((a, b) => (a.ticks - b.ticks) * direction);
  return levels.slice(0, options.limit).map((level) => level.text);
}
