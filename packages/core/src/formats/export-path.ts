import { toEpochName } from '../vocabulary/epoch.ts';
import type { ContractSymbol } from '../vocabulary/symbol.ts';

/** Path of an epoch's file below the export directory: `symbol=BTC_USDT/date=2026-11-22/BTC_USDT-20261122T130000Z.parquet`. */
export function toExportPath(symbol: ContractSymbol, startUs: number): string {
  const name = toEpochName(startUs);
  const date = `${name.slice(0, 4)}-${name.slice(4, 6)}-${name.slice(6, 8)}`;
  return `symbol=${symbol}/date=${date}/${symbol}-${name}.parquet`;
}
