/** Quotes an identifier for ClickHouse. Everything that is not a literal in our own code goes through this. */
export const quoteIdentifier = (name: string): string => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;

/** `` `database`.`table` `` */
export const tableName = (database: string, table: string): string => `${quoteIdentifier(database)}.${quoteIdentifier(table)}`;
