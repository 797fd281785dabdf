import type { Base } from '../vocabulary/symbol.ts';
import type { Store } from './clickhouse-store.ts';
import { tableName } from './identifiers.ts';
import { ASIDE_SUFFIX } from './schema.ts';

/**
 * Makes the typed views of a symbol: `<base>_ticker`, `<base>_deal` (one row a trade), `<base>_depth` (levels as arrays of
 * (price, contracts, orders)), over current and every previous table. Safe to repeat.
 */
export async function createViews(store: Store, base: Base, signal?: AbortSignal): Promise<void> {
  const rows = `(SELECT ts, mt, m, ts_recv, seq FROM merge(${quoteText(store.database)}, ${quoteText(`^${base}_(current|previous(_${ASIDE_SUFFIX})?)$`)}))`;
  const views: Readonly<Record<string, string>> = {
    ticker: `SELECT seq, ts, ts_recv,
        JSONExtractFloat(m, 'data', 'lastPrice') AS last_price, JSONExtractFloat(m, 'data', 'bid1') AS bid1, JSONExtractFloat(m, 'data', 'ask1') AS ask1,
        JSONExtractFloat(m, 'data', 'fairPrice') AS fair_price, JSONExtractFloat(m, 'data', 'indexPrice') AS index_price,
        JSONExtractFloat(m, 'data', 'volume24') AS volume24, JSONExtractFloat(m, 'data', 'amount24') AS amount24,
        JSONExtractFloat(m, 'data', 'holdVol') AS hold_vol, JSONExtractFloat(m, 'data', 'fundingRate') AS funding_rate
      FROM ${rows} WHERE mt = 't'`,
    deal: `SELECT seq, ts, ts_recv,
        fromUnixTimestamp64Milli(JSONExtractInt(trade, 't'), 'UTC') AS trade_ts, JSONExtractFloat(trade, 'p') AS price, JSONExtractFloat(trade, 'v') AS volume,
        if(JSONExtractInt(trade, 'T') = 1, 'buy', 'sell') AS side, JSONExtractInt(trade, 'O') AS open_type, JSONExtractInt(trade, 'M') AS self_transact,
        trimBoth(JSONExtractRaw(trade, 'i'), '"') AS trade_id
      FROM ${rows} ARRAY JOIN if(JSONType(m, 'data') = 'Array', JSONExtractArrayRaw(m, 'data'), [JSONExtractRaw(m, 'data')]) AS trade WHERE mt = 'd'`,
    depth: `SELECT seq, ts, ts_recv, JSONExtractString(m, 'channel') AS channel, JSONExtractUInt(m, 'data', 'version') AS version,
        JSONExtractUInt(m, 'data', 'begin') AS begin, JSONExtractUInt(m, 'data', 'end') AS end,
        JSONExtract(m, 'data', 'asks', 'Array(Tuple(price Float64, contracts Float64, orders UInt32))') AS asks,
        JSONExtract(m, 'data', 'bids', 'Array(Tuple(price Float64, contracts Float64, orders UInt32))') AS bids
      FROM ${rows} WHERE mt = 'dp'`,
  };
  for (const [name, select] of Object.entries(views)) {
    await store.command(`CREATE OR REPLACE VIEW ${tableName(store.database, `${base}_${name}`)} AS ${select}`, { signal });
  }
}

const quoteText = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
