import { z } from 'zod';

const ms = z.int().positive();
const bytes = z.int().positive();
const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `expected a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    );

/**
 * The configuration. Unknown keys are errors. Durations end in `Ms`. `meta.env` names a short environment variable; every
 * other key has one by its path (`spool.commitBytes` → `MEXC_SPOOL_COMMIT_BYTES`).
 */
export const configSchema = z.strictObject({
  home: z
    .string()
    .min(1)
    .default('./.mexc')
    .describe('Where everything is kept: engine, spool, locks, logs.')
    .meta({ env: 'MEXC_HOME' }),
  exportDir: z
    .string()
    .min(1)
    .default('./exports')
    .describe('Where Parquet files and manifests appear.')
    .meta({ env: 'MEXC_EXPORT_DIR' }),
  symbols: z
    .array(z.string())
    .default([])
    .describe('Symbols to record when none is named by --symbol.')
    .meta({ env: 'MEXC_SYMBOLS' }),
  egress: z
    .string()
    .default('direct')
    .describe('Route out: direct, bind:<local address>, socks5://[user:pass@]host:port.')
    .meta({ env: 'MEXC_EGRESS', secret: true }),
  egressBySymbol: z
    .record(z.string(), z.string())
    .default({})
    .describe('Route out of single symbols, instead of `egress`.')
    .meta({ secret: true }),
  venue: z
    .strictObject({
      wsUrl: url('ws:', 'wss:')
        .default('wss://contract.mexc.com/edge')
        .describe('WebSocket of the venue.')
        .meta({ env: 'MEXC_WS_URL' }),
      restUrl: url('http:', 'https:')
        .default('https://api.mexc.com')
        .describe('REST of the venue.')
        .meta({ env: 'MEXC_REST_URL' }),
      ipEchoUrl: url('http:', 'https:')
        .optional()
        .describe('Tells a caller its address as plain text, for exitIp in status and manifest.')
        .meta({ env: 'MEXC_IP_ECHO_URL' }),
    })
    .prefault({}),
  clickhouse: z
    .strictObject({
      url: z
        .union([z.literal('embedded'), url('http:', 'https:')])
        .default('embedded')
        .describe('`embedded` for the engine of this home, or the HTTP interface of a ClickHouse server.')
        .meta({ env: 'MEXC_CLICKHOUSE_URL', secret: true }),
      user: z.string().default('default').describe('User at a ClickHouse server.'),
      password: z.string().default('').describe('Password at a ClickHouse server.').meta({ secret: true }),
      database: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/)
        .default('mexc')
        .describe('Database of all tables.'),
      requestTimeoutMs: ms.default(30_000).describe('Longest time without an answer.'),
    })
    .prefault({}),
  subscriptions: z
    .strictObject({
      ticker: z.boolean().default(true).describe('sub.ticker'),
      deal: z.boolean().default(true).describe('sub.deal'),
      depthFull: z
        .union([z.literal(false), z.int().positive()])
        .default(20)
        .describe('sub.depth.full with this many levels (5, 10, 20), or false.'),
      depth: z
        .union([z.literal(false), z.enum(['merged', 'every'])])
        .default(false)
        .describe('sub.depth: merged (about 200 ms) or every version, or false.'),
      kline: z.array(z.string()).default([]).describe('sub.kline intervals, for example Min1.'),
      fundingRate: z.boolean().default(false).describe('sub.funding.rate'),
      indexPrice: z.boolean().default(false).describe('sub.index.price'),
      fairPrice: z.boolean().default(false).describe('sub.fair.price'),
    })
    .prefault({}),
  session: z
    .strictObject({
      pingIntervalMs: ms.default(15_000).describe('Pause between JSON pings; the venue cuts after 60 s without one.'),
      pongTimeoutMs: ms.default(10_000).describe('No pong for this long after a ping: the socket is dead.'),
      openTimeoutMs: ms.default(20_000).describe('Longest time to open a socket, proxy included.'),
      symbolSilenceMs: ms
        .default(60_000)
        .describe('A symbol without any frame for this long is subscribed anew by a new session.'),
      reconnectMinMs: ms.default(250).describe('First pause before a reconnect (full jitter, doubling).'),
      reconnectMaxMs: ms.default(30_000).describe('Longest pause before a reconnect.'),
      maxFrameBytes: bytes
        .default(16 * 1024 * 1024)
        .describe('A larger frame is refused: counted, and the session is opened anew.'),
      maxErrors: z
        .int()
        .positive()
        .default(100)
        .describe('Errors in a row after which the route out is opened anew; the lane itself goes on.'),
    })
    .prefault({}),
  spool: z
    .strictObject({
      sync: z
        .enum(['always', 'interval', 'never'])
        .default('always')
        .describe('fdatasync: after every commit, once a second, or never (the kernel decides).'),
      commitIntervalMs: ms.default(50).describe('Group commit: longest time a row waits to become durable.'),
      commitBytes: bytes.default(1024 * 1024).describe('Group commit: as soon as this much waits.'),
      segmentBytes: bytes.default(64 * 1024 * 1024).describe('A new segment file is begun after this much.'),
      retentionMs: z
        .int()
        .nonnegative()
        .default(0)
        .describe('How long a segment is kept whose rows are all verified, counted from its last write.'),
      memoryBytes: bytes
        .default(16 * 1024 * 1024)
        .describe('Payloads that wait for their INSERT are kept in memory up to this much; the rest is read back from disk.'),
    })
    .prefault({}),
  insert: z
    .strictObject({
      maxBytes: bytes.default(4 * 1024 * 1024).describe('Neighbouring blocks are sent as one INSERT up to this much.'),
      parallel: z.int().positive().default(4).describe('INSERTs of one lane at a time (one a symbol).'),
      retryMinMs: ms.default(100).describe('First pause after a failed INSERT.'),
      retryMaxMs: ms.default(5000).describe('Longest pause after a failed INSERT.'),
    })
    .prefault({}),
  rotation: z
    .strictObject({
      bufferRows: z
        .int()
        .positive()
        .default(1000)
        .describe('Rows of a held symbol that stay in memory; the rest is in the spool only.'),
      leadMs: ms.default(3000).describe('How long before an hourly boundary it is announced.'),
      ackTimeoutMs: ms.default(20_000).describe('How long the rotator waits for a lane after the boundary.'),
      holdTimeoutMs: ms.default(60_000).describe('A lane whose rotator vanished goes on by itself after this.'),
    })
    .prefault({}),
  export: z
    .strictObject({
      writer: z.enum(['clickhouse', 'parquetjs']).default('clickhouse').describe('Who writes the Parquet file.'),
      compression: z.enum(['zstd', 'snappy', 'gzip', 'none']).default('zstd').describe('Compression of Parquet pages.'),
    })
    .prefault({}),
  statistics: z.strictObject({ intervalMs: ms.default(15_000).describe('Pause between statistics lines.') }).prefault({}),
});

/** Validated and defaulted. Packages take the part they need, never the whole. */
export type Config = z.output<typeof configSchema>;

/** JSON Schema of the file, for editors; generated into docs/config.schema.json. */
export const toConfigJsonSchema = (): object => z.toJSONSchema(configSchema, { io: 'input' });
