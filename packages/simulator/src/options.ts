import { CaptureError, systemClock, type Clock } from '@mexc-toolkit/core';
import { toContract, type Contract } from './contract.ts';

export interface SimulatorOptions {
  /** Contracts that the exchange lists, `BTC_USDT`. Well-known ones get realistic prices. */
  readonly symbols: readonly string[];
  /**
   * Where to listen: 127.0.0.0/8, ::1 or localhost, nothing else.
   * @default '127.0.0.1'
   */
  readonly host?: string;
  /**
   * TCP port; 0 picks a free one.
   * @default 0
   */
  readonly port?: number;
  /**
   * Frames per second that one subscriber of the default subscriptions (`sub.ticker`, `sub.deal`, `sub.depth.full`) of all
   * symbols receives, spread evenly over the symbols. About 5 a symbol is what the venue does; more shortens its cadences.
   * @default 40
   */
  readonly rate?: number;
  /**
   * Same seed, same market (prices, sizes, versions, not times).
   * @default 1
   */
  readonly seed?: number;
  readonly clock?: Clock;
  /** Closes the simulator when it aborts. */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds from JSON ping to pong (docs/protocol.md §2).
   * @default 100
   */
  readonly pongDelayMs?: number;
  /**
   * Milliseconds without a JSON ping after which a session is cut (docs/protocol.md §2).
   * @default 60_000
   */
  readonly idleCutMs?: number;
  /**
   * Age in milliseconds at which a session is cut without a word. Never observed, often claimed as 24 h.
   * @default Infinity
   */
  readonly maxSessionAgeMs?: number;
  /**
   * Milliseconds over which `sub.depth` merges versions (docs/protocol.md §5.2).
   * @default 200
   */
  readonly depthMergeMs?: number;
  /**
   * Least milliseconds between two `push.depth.full` of a symbol, as long as `rate` permits it (docs/protocol.md §5.3).
   * @default 290
   */
  readonly depthFullMinIntervalMs?: number;
  /**
   * How many versions REST depth may lag the socket, within the last 0.85 s (docs/protocol.md §5.4).
   * @default 415
   */
  readonly restLagVersions?: number;
  /**
   * REST depth requests per address and window (docs/protocol.md §6).
   * @default { requests: 10, windowMs: 2000 }
   */
  readonly depthLimiter?: { readonly requests: number; readonly windowMs: number };
  /**
   * Order in which `depth_commits` lists versions (docs/protocol.md §5.4).
   * @default 'newest-first'
   */
  readonly commitOrder?: 'newest-first' | 'ascending';
  /**
   * Deals as one object a frame, the form before 2025.
   * @default false
   */
  readonly objectDeals?: boolean;
  /**
   * Levels a side that each book keeps up; at most 1500, the venue's own bound.
   * @default 300
   */
  readonly bookLevels?: number;
  /**
   * Keeps the text of every journalled frame, for tests. `true` keeps up to 200,000; a number sets another bound.
   * @default false
   */
  readonly journalFrames?: boolean | number;
  /**
   * Unsent bytes at which a slow session is reset.
   * @default 268_435_456
   */
  readonly maxBufferedBytes?: number;
}

/** Options with every default filled in and every value checked. */
export interface ResolvedOptions extends Required<Omit<SimulatorOptions, 'symbols' | 'signal' | 'journalFrames'>> {
  readonly contracts: readonly Contract[];
  readonly maxJournalFrames: number;
}

const JOURNAL_FRAMES = 200_000;
const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|localhost)$/;
/** Above this a tick could not be paid for by one core. */
const HIGHEST_RATE = 200_000;

/**
 * @throws {CaptureError} `USAGE_INVALID` for a host that is not loopback or a number out of range; `SYMBOL_MALFORMED`.
 */
export function resolveOptions(options: SimulatorOptions): ResolvedOptions {
  const { symbols, host = '127.0.0.1', journalFrames = false } = options;
  if (!LOOPBACK.test(host)) throw invalid(`the simulator listens on loopback only, not on ${host}`);
  const contracts = [...new Map(symbols.map(toContract).map((contract) => [contract.symbol, contract])).values()];
  if (contracts.length === 0) throw invalid('the simulator needs at least one symbol');
  const { requests, windowMs } = options.depthLimiter ?? { requests: 10, windowMs: 2000 };
  return {
    contracts,
    host,
    port: within('port', options.port ?? 0, { min: 0, max: 65_535 }),
    rate: checkRate(options.rate ?? 40),
    seed: within('seed', options.seed ?? 1, { min: 0, max: 2 ** 32 }),
    clock: options.clock ?? systemClock,
    pongDelayMs: within('pongDelayMs', options.pongDelayMs ?? 100, { min: 0, max: 60_000 }),
    idleCutMs: within('idleCutMs', options.idleCutMs ?? 60_000, { min: 1, max: Infinity }),
    maxSessionAgeMs: within('maxSessionAgeMs', options.maxSessionAgeMs ?? Infinity, { min: 1, max: Infinity }),
    depthMergeMs: within('depthMergeMs', options.depthMergeMs ?? 200, { min: 0, max: 60_000 }),
    depthFullMinIntervalMs: within('depthFullMinIntervalMs', options.depthFullMinIntervalMs ?? 290, { min: 0, max: 60_000 }),
    restLagVersions: within('restLagVersions', options.restLagVersions ?? 415, { min: 0, max: 4000 }),
    depthLimiter: {
      requests: within('depthLimiter.requests', requests, { min: 1, max: Infinity }),
      windowMs: within('depthLimiter.windowMs', windowMs, { min: 1, max: 3_600_000 }),
    },
    commitOrder: options.commitOrder ?? 'newest-first',
    objectDeals: options.objectDeals ?? false,
    bookLevels: within('bookLevels', options.bookLevels ?? 300, { min: 60, max: 1500 }),
    maxJournalFrames: within('journalFrames', Number(journalFrames === true ? JOURNAL_FRAMES : journalFrames), {
      min: 0,
      max: 10_000_000,
    }),
    maxBufferedBytes: within('maxBufferedBytes', options.maxBufferedBytes ?? 2 ** 28, { min: 1, max: 2 ** 32 }),
  };
}

/** @throws {CaptureError} `USAGE_INVALID` */
export const checkRate = (rate: number): number => within('rate', rate, { min: 0, max: HIGHEST_RATE });

function within(name: string, value: number, range: { readonly min: number; readonly max: number }): number {
  if (!(value >= range.min && value <= range.max)) throw invalid(`${name} is ${value}; expected ${range.min} to ${range.max}`);
  return value;
}

const invalid = (message: string): CaptureError => new CaptureError('USAGE_INVALID', message);
