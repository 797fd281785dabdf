/** What `mexc setup --json` prints. */
export interface SetupReport {
  readonly home: string;
  readonly configFile: string;
  readonly database: string;
  readonly store: string;
  readonly bases: readonly string[];
}

export function formatSetup({ home, configFile, database, store, bases }: SetupReport): string {
  const tables = bases.length > 0 ? `  tables         ${bases.map((base) => `${base}_current`).join(', ')}\n` : '';
  return `Ready.\n  home           ${home}\n  configuration  ${configFile}\n  database       ${database} at ${store}\n${tables}Next: mexc collect --symbol BTC_USDT`;
}
