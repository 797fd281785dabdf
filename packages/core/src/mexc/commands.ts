import type { ContractSymbol } from '../vocabulary/symbol.ts';

/** Which channels a lane asks for, per symbol. Evidence: docs/protocol.md §4. */
export interface Subscriptions {
  readonly ticker: boolean;
  readonly deal: boolean;
  /** Levels of `sub.depth.full`; false for none. */
  readonly depthFull: number | false;
  /** `sub.depth`: `merged` (the venue's default, about 200 ms) or `every` version (`compress:false`). */
  readonly depth: false | 'merged' | 'every';
  /** Kline intervals, `Min1` …; one subscription each. */
  readonly kline: readonly string[];
  readonly fundingRate: boolean;
  readonly indexPrice: boolean;
  readonly fairPrice: boolean;
}

export interface VenueCommand {
  readonly method: string;
  readonly param?: Readonly<Record<string, string | number | boolean>>;
}

/** The client's keepalive; only this resets the venue's 60 s timer (docs/protocol.md §2). */
export const PING = '{"method":"ping"}';

/** The commands that subscribe one symbol, in the order in which they are sent and acked (docs/protocol.md §3). */
export function toSubscribeCommands(symbol: ContractSymbol, wanted: Subscriptions): VenueCommand[] {
  const commands: VenueCommand[] = [];
  const add = (channel: string, more: VenueCommand['param'] = {}): void => {
    commands.push({ method: `sub.${channel}`, param: { symbol, ...more } });
  };
  if (wanted.ticker) add('ticker');
  if (wanted.deal) add('deal');
  if (wanted.depthFull !== false) add('depth.full', { limit: wanted.depthFull });
  if (wanted.depth !== false) add('depth', { compress: wanted.depth === 'merged' });
  for (const interval of wanted.kline) add('kline', { interval });
  if (wanted.fundingRate) add('funding.rate');
  if (wanted.indexPrice) add('index.price');
  if (wanted.fairPrice) add('fair.price');
  return commands;
}
