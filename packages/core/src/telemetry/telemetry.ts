import type { Logger } from 'pino';
import { CaptureError } from '../errors/capture-error.ts';

/** Every fact the pipeline reports, with its fields. Names are `<noun>.<past participle>`. */
export interface EventFields {
  'lane.started': { lane: string; symbols: string; route: string; exitIp: string };
  'lane.recovered': { lane: string; base: string; nextSeq: number; insertedRows: number };
  'lane.drained': { lane: string; spooledRows: number; insertedRows: number };
  'session.opened': { lane: string; generation: number; openMs: number };
  /** Because the lane ends. */
  'session.ended': { lane: string; generation: number; reason: string; frames: number };
  /** Not by us: an outage begins. */
  'session.closed': { lane: string; generation: number; reason: string; frames: number };
  'egress.renewed': { lane: string; route: string };
  'symbol.rejected': { lane: string; symbol: string; text: string };
  'symbol.stalled': { lane: string; symbol: string; silentMs: number };
  'gap.recorded': { symbol: string; kind: string; startedUs: number; endedUs: number; detail: string };
  'spool.torn': { segment: string; offset: number; droppedBytes: number };
  'spool.quarantined': { segment: string; offset: number; bytes: number; file: string };
  'spool.blocked': { lane: string; reason: string };
  'spool.unblocked': { lane: string; blockedMs: number };
  'spool.pruned': { lane: string; segments: number; bytes: number };
  'insert.settled': { base: string; attempt: number; lastSeq: number };
  'rotation.held': { base: string; attempt: string; lastSeq: number };
  'rotation.released': { base: string; attempt: string; heldMs: number; bufferedRows: number };
  'rotation.withdrawn': { base: string; attempt: string };
  'epoch.rotated': { base: string; table: string; startUs: number; endUs: number };
  'epoch.exported': { symbol: string; path: string; rows: number };
  /** Proven: its table may go. */
  'epoch.proven': { symbol: string; path: string };
  /** Not proven: everything is kept. */
  'epoch.refused': { symbol: string; path: string; verdict: string; findings: string };
  'epoch.dropped': { symbol: string; table: string };
}

const LEVEL = {
  'lane.started': 'info',
  'lane.recovered': 'info',
  'lane.drained': 'info',
  'session.opened': 'info',
  'session.ended': 'info',
  'session.closed': 'warn',
  'egress.renewed': 'warn',
  'symbol.rejected': 'error',
  'symbol.stalled': 'warn',
  'gap.recorded': 'warn',
  'spool.torn': 'warn',
  'spool.quarantined': 'error',
  'spool.blocked': 'error',
  'spool.unblocked': 'warn',
  'spool.pruned': 'info',
  'insert.settled': 'warn',
  'rotation.held': 'info',
  'rotation.released': 'info',
  'rotation.withdrawn': 'warn',
  'epoch.rotated': 'info',
  'epoch.exported': 'info',
  'epoch.proven': 'info',
  'epoch.refused': 'error',
  'epoch.dropped': 'info',
} as const satisfies Record<keyof EventFields, string>;

/** The one way in which packages speak. Text goes to the logger, never to stdout. */
export class Telemetry {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Logs one event at its fixed level. */
  event<Name extends keyof EventFields>(name: Name, fields: EventFields[Name]): void {
    const entry: object = { event: name, ...fields };
    this.#log[LEVEL[name]](entry, name);
  }

  /** Reports an error once, where it is handled. `warn` when it will be retried, else `error`. */
  failure(error: unknown): void {
    if (CaptureError.is(error)) {
      const level = error.retry === 'transient' ? 'warn' : 'error';
      this.#log[level]({ code: error.code, ...error.context }, error.message);
      return;
    }
    this.#log.error({ err: error }, error instanceof Error ? error.message : String(error));
  }
}
