import { MS_RANGE, takeFeed, type FaultEntry } from './context.ts';

const STATUS_RANGE = { min: 400, max: 599 };
const COUNT_RANGE = { min: 0, max: 1_000_000 };

/** Faults of the whole venue or of one contract. */
export const VENUE_FAULTS: Readonly<Record<string, FaultEntry>> = {
  pongs: (fields, { exchange }) => {
    exchange.pongsPerPing = fields.integer('perPing', { min: 0, max: 10 });
    return 0;
  },
  'stall-symbol': (fields, context) => {
    const feed = takeFeed(fields, context);
    const until = context.exchange.options.clock.monotonic() + (fields.optionalNumber('ms', MS_RANGE) ?? Infinity);
    feed.stall = { channel: fields.optionalText('channel')?.replace(/^push\./, ''), until };
    return feed.streams.allSessions().length;
  },
  'resume-symbol': (fields, context) => {
    const feed = takeFeed(fields, context);
    feed.stall = undefined;
    return feed.streams.allSessions().length;
  },
  'unsub-acks': (fields, { exchange }) => {
    exchange.unsubAcks = fields.optionalFlag('on') ?? true;
    return 0;
  },
  'object-deals': (fields, { exchange }) => {
    const on = fields.optionalFlag('on') ?? true;
    const symbol = fields.optionalText('symbol')?.toUpperCase();
    for (const feed of exchange.feeds.values()) {
      if (symbol === undefined || feed.contract.symbol === symbol) feed.objectDeals = on;
    }
    return 0;
  },
  delist: (fields, context) => {
    takeFeed(fields, context).isListed = !(fields.optionalFlag('on') ?? true);
    return 0;
  },
  'refuse-handshakes': (fields, { gate }) => {
    gate.handshakes = { status: fields.integer('status', STATUS_RANGE), left: fields.integer('count', COUNT_RANGE) };
    return 0;
  },
  'drop-handshakes': (fields, { gate }) => {
    gate.handshakes = { status: undefined, left: fields.integer('count', COUNT_RANGE) };
    return 0;
  },
  'refuse-connections': (fields, { gate }) => {
    gate.closeFor(fields.number('ms', MS_RANGE));
    return 0;
  },
  'refuse-rest': (fields, { gate }) => {
    gate.rest = { status: fields.integer('status', STATUS_RANGE), left: fields.integer('count', COUNT_RANGE) };
    return 0;
  },
};
