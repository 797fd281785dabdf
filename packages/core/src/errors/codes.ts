/** How a caller may react: `transient` may be retried with backoff, the rest may not. */
export type Retry = 'transient' | 'never';

/** Who must act. Decides the exit status (see {@link EXIT_STATUS}). */
export type Category = 'usage' | 'config' | 'upstream' | 'store' | 'integrity' | 'bug';

type ErrorSpec = {
  readonly category: Category;
  readonly retry: Retry;
  /** What is true when this code is thrown, in particular what happened to the data. */
  readonly meaning: string;
  /** What the operator should do now. */
  readonly hint: string;
};

/** Process exit status per category. A stable interface: changing a number is a breaking change. */
export const EXIT_STATUS: Readonly<Record<Category, number>> = {
  bug: 1,
  usage: 2,
  config: 3,
  upstream: 4,
  store: 5,
  integrity: 6,
};

/** The one catalogue of error codes. `docs/errors.md` is generated from this object. */
export const ERROR_CODES = {
  USAGE_INVALID: {
    category: 'usage',
    retry: 'never',
    meaning: 'A flag or argument cannot be parsed. Nothing was started.',
    hint: 'See `mexc <command> --help`.',
  },
  SYMBOL_MALFORMED: {
    category: 'usage',
    retry: 'never',
    meaning: 'A symbol does not have the form BASE_QUOTE. It reached neither SQL nor a path. Nothing was started.',
    hint: 'Write symbols as the venue does, for example BTC_USDT.',
  },
  CONFIG_INVALID: {
    category: 'config',
    retry: 'never',
    meaning: 'The configuration file, environment or flags do not match the schema. Nothing was started.',
    hint: 'Mend every problem listed; `mexc config check` shows each value and where it comes from.',
  },
  CONFIG_UNREADABLE: {
    category: 'config',
    retry: 'never',
    meaning: 'The configuration file was named but cannot be read. Nothing was started.',
    hint: 'Check the path given with --config or MEXC_CONFIG, and its permissions.',
  },
  SYMBOL_UNKNOWN: {
    category: 'upstream',
    retry: 'never',
    meaning: 'The venue does not list this contract. Other symbols of the lane go on.',
    hint: 'Check the spelling against the contract list of the venue.',
  },
  VENUE_UNREACHABLE: {
    category: 'upstream',
    retry: 'transient',
    meaning: 'No connection to the venue. Rows recorded so far are safe; the outage is written to gap_log.',
    hint: 'Check the network, the egress, and MEXC_WS_URL. A running lane keeps trying.',
  },
  VENUE_REFUSED: {
    category: 'upstream',
    retry: 'transient',
    meaning: 'The venue answered the connection with a refusal (for example 403). Rows recorded so far are safe.',
    hint: 'The venue may block this address. Try another egress, or wait: a running lane retries slowly.',
  },
  EGRESS_INVALID: {
    category: 'config',
    retry: 'never',
    meaning: 'The egress is not of a known form. Nothing was started.',
    hint: 'Use direct, bind:<local address>, or socks5://[user:pass@]host:port.',
  },
  EGRESS_UNREACHABLE: {
    category: 'upstream',
    retry: 'transient',
    meaning: 'The proxy or the local address of the egress cannot be used. Rows recorded so far are safe.',
    hint: 'Is the proxy running? Is the address one of this machine? A running lane keeps trying.',
  },
  STORE_UNREACHABLE: {
    category: 'store',
    retry: 'transient',
    meaning: 'ClickHouse does not answer. Rows stay in the spool and are inserted when it does; nothing is lost.',
    hint: 'Check MEXC_CLICKHOUSE_URL, or `mexc engine status` when the embedded engine is used.',
  },
  STORE_REFUSED: {
    category: 'store',
    retry: 'transient',
    meaning: 'ClickHouse answered a statement with an error. Rows stay in the spool; nothing is lost.',
    hint: 'Read the text of ClickHouse in the message. A running lane keeps trying.',
  },
  STORE_DENIED: {
    category: 'store',
    retry: 'never',
    meaning: 'ClickHouse does not accept the user or password. Rows stay in the spool; nothing is lost.',
    hint: 'Check clickhouse.user and clickhouse.password (MEXC_CLICKHOUSE_USER, MEXC_CLICKHOUSE_PASSWORD).',
  },
  ENGINE_START_FAILED: {
    category: 'store',
    retry: 'transient',
    meaning: 'The embedded engine did not become ready in time. Rows stay in the spool; nothing is lost.',
    hint: 'Read <home>/logs/engine.log, or name a ClickHouse server with MEXC_CLICKHOUSE_URL.',
  },
  LOCK_HELD: {
    category: 'usage',
    retry: 'transient',
    meaning: 'Another live process does this work already. This one changed nothing.',
    hint: 'See the process named in the message; stop it first if this one shall take over.',
  },
  SPOOL_UNWRITABLE: {
    category: 'store',
    retry: 'transient',
    meaning:
      'The spool cannot be written. No further frame is accepted, so none is accepted and then lost; the pause is written to gap_log.',
    hint: 'Free disk space or mend the permissions of <home>/spool. The lane resumes by itself.',
  },
  SPOOL_DAMAGED: {
    category: 'integrity',
    retry: 'never',
    meaning: 'A block of the spool does not match its checksum. It was quarantined; the rest of the spool is used.',
    hint: 'See the quarantine file named in the message and the entry in gap_log. Check the disk.',
  },
  ROTATION_BUSY: {
    category: 'usage',
    retry: 'transient',
    meaning: 'Another rotation of this symbol is running. This one changed nothing.',
    hint: 'Wait for it to end, then ask again.',
  },
  ROTATION_UNACKNOWLEDGED: {
    category: 'store',
    retry: 'transient',
    meaning: 'The lane did not acknowledge the boundary in time, so nothing was rotated. The lane goes on in the same table.',
    hint: 'Is the store slow or down? Ask again; the rows of both epochs are kept.',
  },
  EPOCH_UNKNOWN: {
    category: 'usage',
    retry: 'never',
    meaning: 'No rotated epoch of this symbol has this start. Nothing was changed.',
    hint: 'List what is there with `mexc export --list`.',
  },
  EXPORT_UNWRITABLE: {
    category: 'store',
    retry: 'transient',
    meaning: 'The export directory cannot be written. The table is kept; no file appeared under its final name.',
    hint: 'Check the permissions and free space of the export directory (MEXC_EXPORT_DIR).',
  },
  EXPORT_MISMATCH: {
    category: 'integrity',
    retry: 'never',
    meaning: 'A Parquet file is not proven equal to what was received. The table and the spool are kept.',
    hint: 'Drop nothing. Export the epoch again with `mexc export --verify`, or rebuild it with `mexc rebuild`.',
  },
  EXPORT_INCONCLUSIVE: {
    category: 'integrity',
    retry: 'never',
    meaning: 'A check could not be made, because something could not be read. The table and the spool are kept.',
    hint: 'Mend what the message names, then run `mexc export --verify` again.',
  },
  MANIFEST_INVALID: {
    category: 'integrity',
    retry: 'never',
    meaning: 'A manifest is missing or not of a known form, so its Parquet file proves nothing.',
    hint: 'Export the epoch again if its table still exists; else rebuild it from the spool.',
  },
  REBUILD_INCOMPLETE: {
    category: 'integrity',
    retry: 'never',
    meaning: 'The spool no longer holds every row of the epoch. No table was replaced.',
    hint: 'Use the verified Parquet file of that epoch, if there is one.',
  },
  SIMULATOR_FAILED: {
    category: 'upstream',
    retry: 'never',
    meaning: 'The simulated exchange cannot start or did not follow a request. Nothing was recorded from it.',
    hint: 'Is the port free? See the message.',
  },
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERROR_CODES;
