import {
  createRowTable,
  currentTable,
  listExports,
  listRowTables,
  nextTable,
  previousTable,
  settleStatements,
  tableName,
  type Base,
  type ContractSymbol,
  type Store,
} from '@mexc-toolkit/core';

/** What a rotation needs of the store. */
export interface RotationTables {
  /** Ends every statement of an earlier rotator of this base; after it none runs. */
  settle(signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<string[]>;
  rename(from: string, to: string, signal: AbortSignal): Promise<void>;
  /** Makes the empty table that becomes current. */
  prepareNext(signal: AbortSignal): Promise<void>;
  /** Current becomes previous and the next table becomes current, in one statement. */
  swap(signal: AbortSignal): Promise<void>;
  /** Makes current if a crash between two renames has left none. */
  restoreCurrent(signal: AbortSignal): Promise<void>;
  /** Ends of the epochs that were exported. */
  exportedEndsUs(signal: AbortSignal): Promise<number[]>;
  /** ts_recv of the first and last row of a table; null when it is empty. */
  bounds(table: string, signal: AbortSignal): Promise<{ readonly firstTsRecvUs: number; readonly lastTsRecvUs: number } | null>;
}

/** Query ids of a rotator's statements begin so. */
const queryPrefix = (base: Base): string => `mexc-rotate:${base}:`;

export function openRotationTables(
  store: Store,
  symbol: ContractSymbol,
  names: { readonly base: Base; readonly incarnation: string },
): RotationTables {
  const { base, incarnation } = names;
  let statements = 0;
  const queryId = (): string => `${queryPrefix(base)}${incarnation}:${(statements += 1)}`;
  const table = (name: string): string => tableName(store.database, name);
  return {
    settle: (signal) => settleStatements(store, queryPrefix(base), signal),
    list: (signal) => listRowTables(store, base, signal),
    rename: (from, to, signal) => store.command(`RENAME TABLE ${table(from)} TO ${table(to)}`, { queryId: queryId(), signal }),
    prepareNext: (signal) => createRowTable(store, nextTable(base), signal),
    swap: async (signal) => {
      await store.command(
        `RENAME TABLE ${table(currentTable(base))} TO ${table(previousTable(base))}, ${table(nextTable(base))} TO ${table(currentTable(base))}`,
        { queryId: queryId(), signal },
      );
    },
    restoreCurrent: (signal) => createRowTable(store, currentTable(base), signal),
    exportedEndsUs: async (signal) => (await listExports(store, symbol, signal)).map(({ epoch }) => epoch.endUs),
    bounds: async (name, signal) => {
      const [row] = await store.query(
        `SELECT toUnixTimestamp64Micro(min(ts_recv)) AS first_us, toUnixTimestamp64Micro(max(ts_recv)) AS last_us, count() AS n FROM ${table(name)}`,
        { signal },
      );
      return row && Number(row['n']) > 0
        ? { firstTsRecvUs: Number(row['first_us']), lastTsRecvUs: Number(row['last_us']) }
        : null;
    },
  };
}
