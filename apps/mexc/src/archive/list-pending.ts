import { toBase, toEpochName, type ContractSymbol } from '@mexc-toolkit/core';
import { readState } from '@mexc-toolkit/rotator';
import type { AppContext } from '../context.ts';

/** Rotated epochs that are not proven yet, oldest first within a symbol. */
export type PendingList = readonly {
  readonly symbol: ContractSymbol;
  readonly epoch: string;
  readonly end: string;
  readonly table: string;
}[];

export async function listPending(symbols: readonly ContractSymbol[], context: AppContext): Promise<PendingList> {
  const states = await Promise.all(symbols.map((symbol) => readState(context.paths.rotation, { base: toBase(symbol), symbol })));
  return states.flatMap((state, index) => {
    const symbol = symbols[index];
    if (symbol === undefined) return [];
    return state.pending.map(({ table, startUs, endUs }) => ({
      symbol,
      epoch: toEpochName(startUs),
      end: toEpochName(endUs),
      table,
    }));
  });
}
