/** Which sessions a fault hits: one by its id, those that subscribe anything of a symbol, or all. */
export interface Target {
  readonly symbol?: string;
  readonly session?: number;
}

/** Which coming frames of a symbol a fault changes: the next `times` (default 1) of `channel` (`depth.full`, default any that fit). */
export interface NextFrames {
  readonly symbol: string;
  readonly channel?: string;
  readonly times?: number;
}

/** What can be made to go wrong. None of it was observed at the venue unless docs/protocol.md says so (§11). */
export type Fault =
  /** Frames of `push.depth` never go out, so `begin` is not the previous `end` + 1. */
  | ({ readonly type: 'depth-gap' } & NextFrames)
  | ({ readonly type: 'duplicate-frame' } & NextFrames)
  /** `version` (and `begin`, `end`) lower by `by`, default 1000. */
  | ({ readonly type: 'stale-version'; readonly by?: number } & NextFrames)
  | ({ readonly type: 'begin-end'; readonly value: 'missing' | 'null' | 'zero' } & NextFrames)
  | ({ readonly type: 'no-version' } & NextFrames)
  /** The frame as gzip in a binary message. The journal books the text inside. */
  | ({ readonly type: 'gzip-frame' } & NextFrames)
  /** Pongs per ping from now on: 0 none, 1 normal, 2 two. */
  | { readonly type: 'pongs'; readonly perPing: number }
  /** Frames of a symbol are silently not sent, for `ms` or until `resume-symbol`. */
  | { readonly type: 'stall-symbol'; readonly symbol: string; readonly channel?: string; readonly ms?: number }
  | { readonly type: 'resume-symbol'; readonly symbol: string }
  /** Half-open: TCP lives, nothing is read, sent or answered, for `ms` or until `resume-session`. */
  | ({ readonly type: 'stall-session'; readonly ms?: number } & Target)
  | ({ readonly type: 'resume-session' } & Target)
  /** Does not read what clients send. */
  | ({ readonly type: 'hold-reading'; readonly ms: number } & Target)
  /** Keeps frames back and delivers them late. */
  | ({ readonly type: 'hold-writing'; readonly ms: number } & Target)
  /** A closing handshake; code 1000 unless given. */
  | ({ readonly type: 'close'; readonly code?: number; readonly reason?: string } & Target)
  /** TCP ends without a close frame; with `reset` at once and with RST, so that frames on their way may be lost. */
  | ({ readonly type: 'terminate'; readonly reset?: boolean } & Target)
  /** The first half of a `push.depth.full` frame, then RST. */
  | { readonly type: 'half-frame'; readonly symbol: string; readonly session?: number }
  | { readonly type: 'unsub-acks'; readonly on: boolean }
  /** Deals as one object a frame (docs/protocol.md §4.3); of all symbols without `symbol`. */
  | { readonly type: 'object-deals'; readonly on: boolean; readonly symbol?: string }
  /** Any message: text as it is, or bytes in base64; repeated `repeat` times within the one message. */
  | {
      readonly type: 'raw';
      readonly symbol: string;
      readonly text?: string;
      readonly base64?: string;
      readonly binary?: boolean;
      readonly repeat?: number;
    }
  | { readonly type: 'binary-garbage'; readonly symbol: string; readonly bytes?: number }
  /** The next `count` WebSocket handshakes get this HTTP status. */
  | { readonly type: 'refuse-handshakes'; readonly status: number; readonly count: number }
  /** The next `count` WebSocket handshakes get no answer but the end of TCP. */
  | { readonly type: 'drop-handshakes'; readonly count: number }
  /** The port is closed for `ms` (ECONNREFUSED), for REST and control too. Open sessions live on. */
  | { readonly type: 'refuse-connections'; readonly ms: number }
  /** The next `count` REST requests get this status with an HTML body, as from the venue's firewall (docs/protocol.md §6). */
  | { readonly type: 'refuse-rest'; readonly status: number; readonly count: number }
  /** The contract does not exist any more (`on: false`: it does again). Running streams go on. */
  | { readonly type: 'delist'; readonly symbol: string; readonly on?: boolean };

/** What an injected fault did. */
export interface FaultReport {
  readonly type: string;
  /** Sessions hit at once; 0 for a fault that waits for something. */
  readonly sessions: number;
}
