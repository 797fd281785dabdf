import { join } from 'node:path';

/** Where everything of one home lives. Directories are made with mode 0700 by those who write into them. */
export interface HomePaths {
  readonly home: string;
  readonly run: string;
  readonly rotation: string;
  readonly logs: string;
  readonly spools: string;
  /** Spool of one lane. */
  spool(lane: string): string;
  /** The one-writer lock of a symbol. */
  symbolLock(base: string): string;
  status(lane: string): string;
  pid(lane: string): string;
  log(name: string): string;
}

/** The layout of docs/architecture.md#processes-and-files. */
export function toHomePaths(home: string): HomePaths {
  return {
    home,
    run: join(home, 'run'),
    rotation: join(home, 'rotation'),
    logs: join(home, 'logs'),
    spools: join(home, 'spool'),
    spool: (lane) => join(home, 'spool', lane),
    symbolLock: (base) => join(home, 'run', `symbol-${base}.lock`),
    status: (lane) => join(home, 'run', `lane-${lane}.status.json`),
    pid: (lane) => join(home, 'run', `lane-${lane}.pid`),
    log: (name) => join(home, 'logs', `${name}.log`),
  };
}
