// ccxt pro's client for mexc on tickers and trades: `node ccxt.ts <url> <count>`. Counts what its own handlers have processed.
import { pro } from 'ccxt';
import type { RivalEvent } from './messages.ts';

const [url = '', count = '0'] = process.argv.slice(2);
const SYMBOL = 'BTC/USDT:USDT';
let messages = 0;

class CountingMexc extends pro.mexc {
  override handleTicker(client: never, message: never): void {
    super.handleTicker(client, message);
    note();
  }

  override handleTrades(client: never, message: never): void {
    super.handleTrades(client, message);
    note();
  }
}

const exchange = new CountingMexc({ enableRateLimit: false, newUpdates: true });
Object.assign((exchange.urls as unknown as { api: { ws: object } }).api.ws, { swap: url, spot: url });
await exchange.loadHttpProxyAgent(); // for ws:// without TLS
exchange.setMarkets([
  {
    id: 'BTC_USDT',
    symbol: SYMBOL,
    base: 'BTC',
    quote: 'USDT',
    settle: 'USDT',
    baseId: 'BTC',
    quoteId: 'USDT',
    settleId: 'USDT',
    type: 'swap',
    spot: false,
    swap: true,
    contract: true,
    linear: true,
    inverse: false,
    active: true,
    contractSize: 0.0001,
    precision: { price: 0.1, amount: 1 },
    limits: {},
    info: {},
  } as never,
]);
process.on('disconnect', () => process.kill(process.pid)); // never outlives the bench
void watch(() => exchange.watchTicker(SYMBOL));
void watch(() => exchange.watchTrades(SYMBOL));

async function watch(next: () => Promise<unknown>): Promise<never> {
  for (;;) await next();
}

function note(): void {
  messages += 1;
  if (messages !== Number(count)) return;
  const done: RivalEvent = { kind: 'done', atMs: Date.now() };
  process.send?.(done);
}
