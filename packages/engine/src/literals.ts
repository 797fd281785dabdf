/** A string literal of ClickHouse that stands for exactly `value`. */
export function stringLiteral(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0')}'`;
}

/** A quoted identifier of ClickHouse that stands for exactly `name`. */
export function quotedIdentifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('\0', '\\0')}\``;
}

/** A row of literals for the table function `values`. */
export function tupleLiteral(values: readonly (string | number)[]): string {
  return `(${values.map((value) => (typeof value === 'number' ? String(value) : stringLiteral(value))).join(', ')})`;
}
