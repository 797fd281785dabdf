import type { Refusal } from '../gate.ts';
import type { RequestFields } from '../request-fields.ts';
import { MS_RANGE, takeFeed, type FaultEntry } from './context.ts';

const STATUS_RANGE = { min: 400, max: 599 };
const COUNT_RANGE = { min: 0, max: 1_000_000 };

/** Faults of the whole venue or of one contract. */
export const VENUE_FAULTS: Readonly<Record<string, FaultEntry>> = {
  pongs: (fields, { exchange }) => {
    const perPing = fields.integer('perPing', { min: 0, max: 10 });
    return quietly(() => (exchange.pongsPerPing = perPing));
  },
  'stall-symbol': (fields, context) => {
    const feed = takeFeed(fields, context);
    const until = context.exchange.options.clock.monotonic() + (fields.optionalNumber('ms', MS_RANGE) ?? Infinity);
    const channel = fields.optionalText('channel')?.replace(/^push\./, '');
    return () => {
      feed.stall = { channel, until };
      return feed.streams.allSessions().length;
    };
  },
  'resume-symbol': (fields, context) => {
    const feed = takeFeed(fields, context);
    return () => {
      feed.stall = undefined;
      return feed.streams.allSessions().length;
    };
  },
  'unsub-acks': (fields, { exchange }) => {
    const on = fields.optionalFlag('on') ?? true;
    return quietly(() => (exchange.unsubAcks = on));
  },
  'object-deals': (fields, context) => {
    const on = fields.optionalFlag('on') ?? true;
    const feeds = fields.has('symbol') ? [takeFeed(fields, context)] : [...context.exchange.feeds.values()];
    return quietly(() => {
      for (const feed of feeds) feed.objectDeals = on;
    });
  },
  delist: (fields, context) => {
    const feed = takeFeed(fields, context);
    const on = fields.optionalFlag('on') ?? true;
    return quietly(() => (feed.isListed = !on));
  },
  'refuse-handshakes': (fields, { gate }) => {
    const refusal = takeStatusRefusal(fields);
    return quietly(() => (gate.handshakes = refusal));
  },
  'drop-handshakes': (fields, { gate }) => {
    const left = fields.integer('count', COUNT_RANGE);
    return quietly(() => (gate.handshakes = { status: undefined, left }));
  },
  'refuse-connections': (fields, { gate }) => {
    const ms = fields.number('ms', MS_RANGE);
    return quietly(() => gate.closeFor(ms));
  },
  'refuse-rest': (fields, { gate }) => {
    const refusal = takeStatusRefusal(fields);
    return quietly(() => (gate.rest = refusal));
  },
};

const takeStatusRefusal = (fields: RequestFields): Refusal => ({
  status: fields.integer('status', STATUS_RANGE),
  left: fields.integer('count', COUNT_RANGE),
});

/** A deed that hits no session at once. */
const quietly = (act: () => unknown) => (): number => {
  act();
  return 0;
};
