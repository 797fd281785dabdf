import { CaptureError, parseSymbol, toSymbol, type ContractSymbol, type Store } from '@mexc-toolkit/core';

/**
 * The symbols that a user names: flags, else the configuration. Lower case is accepted; each once.
 *
 * @throws {CaptureError} `SYMBOL_MALFORMED`; `USAGE_INVALID` when none is named
 */
export function toWantedSymbols(flags: readonly string[] | undefined, configured: readonly string[]): ContractSymbol[] {
  const names = flags && flags.length > 0 ? flags.flatMap((text) => text.split(',')) : configured;
  if (names.length === 0) {
    throw new CaptureError('USAGE_INVALID', 'no symbol is named; use --symbol BTC_USDT, or symbols: in mexc.yaml');
  }
  return [...new Set(names.map(parseSymbol))];
}

/** Every symbol that has tables in the store. */
export async function listRecordedSymbols(store: Store): Promise<ContractSymbol[]> {
  const rows = await store.query(
    "SELECT name FROM system.tables WHERE database = {database:String} AND endsWith(name, '_current') ORDER BY name",
    {
      params: { database: store.database },
    },
  );
  return rows.map((row) => toSymbol(String(row['name']).slice(0, -'_current'.length)));
}

/** The symbols that a command works on: named ones, else all that were recorded here. */
export async function toKnownSymbols(flags: readonly string[] | undefined, store: Store): Promise<ContractSymbol[]> {
  return flags && flags.length > 0 ? toWantedSymbols(flags, []) : await listRecordedSymbols(store);
}
