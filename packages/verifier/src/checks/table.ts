import type { Manifest, TableFacts } from '@mexc-toolkit/core';
import type { Content } from '../content.ts';
import { differs, type Finding } from '../report.ts';

/** Where the rows of an epoch still are. */
export interface TableIdentity {
  readonly database: string;
  readonly table: string;
}

/** Whether the table holds exactly the rows of the file, as both were read now (I7). */
export function checkTable(
  facts: TableFacts,
  content: Content,
  names: { readonly table: TableIdentity; readonly manifest?: Manifest },
): Finding[] {
  const { table, manifest } = names;
  const pairs: readonly (readonly [string, string | number, string | number])[] = [
    ['rows', facts.rows, content.rows],
    ['first seq', facts.rows === 0 ? 0 : facts.firstSeq, content.firstSeq],
    ['last seq', facts.rows === 0 ? 0 : facts.lastSeq, content.lastSeq],
    ['distinct seqs', facts.distinctSeqs, content.rows],
    ['digest', facts.digest, content.digest],
    ...(['t', 'd', 'dp', 'dl'] as const).map(
      (type) => [`rows of type ${type}`, facts.rowsByType[type], content.rowsByType[type]] as const,
    ),
  ];
  const findings = pairs
    .filter(([, inTable, inFile]) => inTable !== inFile)
    .map(([what, inTable, inFile]) =>
      differs(what === 'digest' ? 'digest' : 'table', `${what}: ${inTable} in the table, ${inFile} in the file`),
    );
  const source = manifest?.source;
  if (source && (source.database !== table.database || source.table !== table.table)) {
    findings.push(differs('table', `the manifest says that the rows came from ${source.database}.${source.table}`));
  }
  return findings;
}
