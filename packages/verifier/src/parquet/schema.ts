import { PARQUET_SCHEMA } from '@mexc-toolkit/core';
import type { FileMetaData, SchemaElement } from 'hyparquet';

/** Column → type text, in the order of the file, in the words of `PARQUET_SCHEMA`. */
export function describeSchema(metadata: Pick<FileMetaData, 'schema'>): Readonly<Record<string, string>> {
  return Object.fromEntries(metadata.schema.slice(1).map((element) => [element.name, describeElement(element)]));
}

/** What differs between a file's columns and the ones that every export has; empty when nothing does. */
export function listSchemaDifferences(metadata: Pick<FileMetaData, 'schema'>): string[] {
  const expected = Object.entries(PARQUET_SCHEMA);
  const leaves = metadata.schema.slice(1);
  const names = leaves.map((element) => element.name);
  if (names.join() !== expected.map(([name]) => name).join()) {
    return [`columns are ${names.join(', ').slice(0, 200)} instead of ${expected.map(([name]) => name).join(', ')}`];
  }
  return leaves.flatMap((element, index) => {
    const type = expected[index]?.[1];
    const found = describeElement(element);
    return found === type ? [] : [`column ${element.name} is ${found} instead of ${type}`];
  });
}

function describeElement(element: SchemaElement): string {
  const logical = describeLogical(element);
  return [element.repetition_type, element.type, ...(logical === '' ? [] : [logical])].join(' ');
}

/**
 * Writers of version 1 give only the converted type, whose timestamps are adjusted to UTC by definition. Where both are
 * given they must agree: readers differ in which one they believe.
 */
function describeLogical({ logical_type: logical, converted_type: converted }: SchemaElement): string {
  const old = converted === undefined ? '' : (CONVERTED[converted] ?? converted);
  if (logical === undefined) return old;
  const text = toLogicalText(logical);
  return converted === undefined || old === text ? text : `${text} (${old})`;
}

function toLogicalText(logical: NonNullable<SchemaElement['logical_type']>): string {
  if (logical.type === 'TIMESTAMP') return `TIMESTAMP(${logical.unit},${logical.isAdjustedToUTC ? 'UTC' : 'local'})`;
  if (logical.type === 'INTEGER') return `${logical.isSigned ? 'INT' : 'UINT'}(${logical.bitWidth})`;
  return logical.type;
}

const CONVERTED: Readonly<Record<string, string>> = {
  TIMESTAMP_MILLIS: 'TIMESTAMP(MILLIS,UTC)',
  TIMESTAMP_MICROS: 'TIMESTAMP(MICROS,UTC)',
  UTF8: 'STRING',
  UINT_64: 'UINT(64)',
};
