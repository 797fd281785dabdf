import type { Change } from '../book.ts';
import { snapshotBook } from '../book-snapshot.ts';
import type { Feed } from '../feed.ts';
import { toLevelText } from '../frames/depth.ts';
import type { Random } from '../random.ts';

/** Most levels a side that REST serves (docs/protocol.md §5.4). */
const MAX_LEVELS = 1500;
/** Snapshots were seen up to this much older than the request (docs/protocol.md §5.4). */
const MAX_LAG_MS = 850;
const MAX_COMMITS = 1000;

/** `GET depth/{symbol}`: a snapshot that lags the socket. */
export function toDepthData(
  feed: Feed,
  query: { readonly limit: number; readonly maxLagVersions: number },
  source: { readonly random: Random; readonly tsMs: number },
): string {
  const { book } = feed.market;
  const lag = source.random.integer(0, findMaxLag(feed, query.maxLagVersions, source.tsMs));
  const snapshot = snapshotBook(book, lag, Math.min(Math.max(1, query.limit), MAX_LEVELS));
  const sides = `"asks":[${snapshot.asks.join(',')}],"bids":[${snapshot.bids.join(',')}]`;
  return `{"cts":null,${sides},"version":${snapshot.version},"timestamp":${snapshot.atMs}}`;
}

/** `GET depth_commits/{symbol}/{limit}`: the last single-version changes. */
export function toCommitsData(feed: Feed, limit: number, order: 'newest-first' | 'ascending'): string {
  const { book } = feed.market;
  const changes: Change[] = [];
  for (let version = book.version; changes.length < Math.min(Math.max(1, limit), MAX_COMMITS); version -= 1) {
    const change = book.change(version);
    if (!change) break;
    changes.push(change);
  }
  const texts = changes.map((change) => {
    const level = toLevelText(change);
    const sides = change.side === 'asks' ? `"asks":[${level}],"bids":[]` : `"asks":[],"bids":[${level}]`;
    return `{"cts":${change.atMs},${sides},"version":${change.version}}`;
  });
  return `[${(order === 'ascending' ? texts.toReversed() : texts).join(',')}]`;
}

function findMaxLag(feed: Feed, maxLagVersions: number, tsMs: number): number {
  const { book } = feed.market;
  let lag = 0;
  while (lag < maxLagVersions && (book.change(book.version - lag)?.atMs ?? 0) > tsMs - MAX_LAG_MS) lag += 1;
  return lag;
}
