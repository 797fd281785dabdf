import {
  currentTable,
  listRowTables,
  readTableFacts,
  toBase,
  type ContractSymbol,
  type Epoch,
  type Store,
  type TableFacts,
} from '@mexc-toolkit/core';
import { differs, reasonOf, unread, type Finding } from '../report.ts';

/** A rotated table that was not dropped yet. */
export interface PendingTable {
  readonly symbol: ContractSymbol;
  readonly table: string;
  readonly rows: number;
  /** `equal`: a file holds the same rows. `unexported`: no file holds the epoch of its rows. */
  readonly state: 'equal' | 'different' | 'unexported' | 'empty';
}

/** What a file was found to hold. */
export interface AuditedFile {
  readonly epoch: Epoch;
  readonly rows: number;
  readonly digest: string;
}

interface Comparing {
  readonly audited: readonly AuditedFile[];
  readonly signal: AbortSignal;
  readonly findings: Finding[];
}

/** Compares the rotated tables of a symbol with its files. A table that is not exported yet is no fault. */
export async function comparePending(store: Store, symbol: ContractSymbol, comparing: Comparing): Promise<PendingTable[]> {
  const { audited, signal, findings } = comparing;
  const base = toBase(symbol);
  const pending: PendingTable[] = [];
  try {
    for (const table of await listRowTables(store, base, signal)) {
      if (table === currentTable(base)) continue;
      const facts = await readTableFacts(store, table, signal);
      const state = toState(facts, audited);
      pending.push({ symbol, table, rows: facts.rows, state });
      if (state === 'different') findings.push(differs('table', `table ${table} and the file of its epoch hold different rows`));
    }
  } catch (error) {
    signal.throwIfAborted();
    findings.push(unread('table', `the tables of ${symbol} cannot be read: ${reasonOf(error)}`));
  }
  return pending;
}

function toState(facts: TableFacts, audited: readonly AuditedFile[]): PendingTable['state'] {
  const { minTsRecvUs: first, maxTsRecvUs: last } = facts;
  if (first === null || last === null) return 'empty';
  const file = audited.find(({ epoch }) => epoch.startUs <= first && last < epoch.endUs);
  if (file === undefined) return 'unexported';
  return file.digest === facts.digest && file.rows === facts.rows ? 'equal' : 'different';
}
