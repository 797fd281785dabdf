import { INTERVAL_SECONDS } from './candles.ts';

/** A client's command, understood (docs/protocol.md §3, §4). */
export type Command =
  | { readonly kind: 'ping' }
  | {
      readonly kind: 'subscribe';
      readonly method: string;
      readonly symbol: string;
      readonly slot: string;
      readonly stream: string;
    }
  | { readonly kind: 'unsubscribe'; readonly method: string; readonly symbol: string; readonly slot: string }
  | { readonly kind: 'refuse'; readonly text: string };

type Parameters = Readonly<Record<string, unknown>>;
/** Makes slot and stream of a channel; a text is the refusal. */
type Variant = (parameters: Parameters) => { readonly slot: string; readonly stream: string } | string;

const plain =
  (channel: string): Variant =>
  () => ({ slot: channel, stream: channel });
const compressible =
  (channel: string): Variant =>
  ({ compress }) => ({ slot: channel, stream: compress === false ? `${channel}:each` : `${channel}:merged` });

const VARIANTS: Readonly<Record<string, Variant>> = {
  ticker: plain('ticker'),
  deal: compressible('deal'),
  depth: compressible('depth'),
  'depth.full': ({ limit = 20 }) =>
    Number.isInteger(limit) && Number(limit) > 0 && Number(limit) <= 200
      ? { slot: 'depth.full', stream: `depth.full:${Number(limit)}` }
      : 'Not support limit',
  'depth.step': ({ step }) => ({ slot: 'depth.step', stream: `depth.step:${toStep(step)}` }),
  kline: ({ interval }) =>
    typeof interval === 'string' && INTERVAL_SECONDS[interval] !== undefined
      ? { slot: `kline:${interval}`, stream: `kline:${interval}` }
      : 'Not support interval',
  'funding.rate': plain('funding.rate'),
  'index.price': plain('index.price'),
  'fair.price': plain('fair.price'),
  tickers: plain('tickers'),
  contract: plain('contract'),
};

/** Channels without a symbol. */
const GLOBAL_CHANNELS: ReadonlySet<string> = new Set(['tickers', 'contract']);

/** Undefined for everything the venue answers with silence: text that is no JSON, unknown methods. */
export function parseCommand(text: string): Command | undefined {
  const message = parseRecord(text);
  const method = message?.['method'];
  if (typeof method !== 'string') return undefined;
  if (method === 'ping') return { kind: 'ping' };
  // The documentation prints `usub.depth.full`, clients send `unsub.depth.full` (docs/protocol.md §3): both work.
  const [, verb, channel = ''] = /^(sub|unsub|usub)\.(.+)$/.exec(method) ?? [];
  const variant = Object.hasOwn(VARIANTS, channel) ? VARIANTS[channel] : undefined;
  if (!variant || (verb === 'usub' && channel !== 'depth.full')) return undefined;
  const param = message?.['param'];
  const parameters: Parameters = isRecord(param) ? param : {};
  const symbol = GLOBAL_CHANNELS.has(channel) ? '' : String(parameters['symbol']);
  if (verb !== 'sub') return { kind: 'unsubscribe', method, symbol, slot: channel };
  const made = variant(parameters);
  return typeof made === 'string' ? { kind: 'refuse', text: made } : { kind: 'subscribe', method, symbol, ...made };
}

/** The object in a JSON text, if it is one. */
export function parseRecord(text: string): Parameters | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Parameters => typeof value === 'object' && value !== null && !Array.isArray(value);

const toStep = (step: unknown): string => (Number(step) > 0 ? String(Number(step)) : '1');
