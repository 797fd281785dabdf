import type { Epoch } from '@mexc-toolkit/core';
import type { FileMetaData } from 'hyparquet';
import { openCounter, type Content } from './content.ts';
import type { SourceFile } from './open-file.ts';
import { COMPRESSION_OF_CODEC } from './parquet/codecs.ts';
import { readFooter } from './parquet/footer.ts';
import { readRowBatches } from './parquet/read-rows.ts';
import { describeSchema, listSchemaDifferences } from './parquet/schema.ts';
import { differs, reasonOf, unread, type Finding } from './report.ts';

/** A Parquet file as it was read, as far as that went. */
export interface ReadFile {
  readonly content: Content;
  /** Whether every row was read; else `content` holds those before the damage. */
  readonly complete: boolean;
  readonly schema: Readonly<Record<string, string>>;
  /** Compressions of the column chunks, each once. */
  readonly compressions: readonly string[];
  /** What the file says about who wrote it. */
  readonly createdBy: string;
  readonly findings: readonly Finding[];
}

export interface ReadOptions {
  readonly epoch: Epoch | null;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: { readonly rows: number; readonly totalRows: number }) => void) | undefined;
}

/**
 * Reads every row of a Parquet file and checks what can be seen from the file alone: schema, seqs, epoch, counts. Any bytes
 * give a result; only an abort throws.
 */
export async function readContent(file: SourceFile, options: ReadOptions): Promise<ReadFile> {
  const counter = await openCounter(options.epoch);
  const findings: Finding[] = [];
  let described = { schema: {}, compressions: [] as readonly string[], createdBy: '' };
  let complete = false;
  try {
    const metadata = await readFooter(file);
    described = describe(metadata);
    const differences = listSchemaDifferences(metadata);
    findings.push(...differences.map((difference) => differs('schema', difference)));
    if (differences.length === 0) {
      const totalRows = Number(metadata.num_rows);
      for await (const batch of readRowBatches(file, metadata)) {
        options.signal.throwIfAborted();
        counter.add(batch);
        options.onProgress?.({ rows: counter.rows, totalRows });
      }
      complete = true;
      if (counter.rows !== totalRows)
        findings.push(differs('rows', `the footer says ${totalRows} rows, the row groups hold ${counter.rows}`));
    }
  } catch (error) {
    options.signal.throwIfAborted();
    findings.push(unread('file', `the file cannot be read after ${counter.rows} rows: ${reasonOf(error)}`));
  }
  return { content: counter.content(), complete, ...described, findings: [...findings, ...counter.findings()] };
}

function describe(metadata: FileMetaData): Pick<ReadFile, 'schema' | 'compressions' | 'createdBy'> {
  const codecs = metadata.row_groups.flatMap((group) => group.columns.map((column) => column.meta_data?.codec));
  return {
    schema: describeSchema(metadata),
    compressions: [...new Set(codecs)].map((codec) => (codec && COMPRESSION_OF_CODEC[codec]) ?? String(codec)),
    createdBy: metadata.created_by ?? '',
  };
}
