import { join } from 'node:path';

/** Where the engine of one home keeps its things. Directories are 0700, files 0600. */
export interface EnginePaths {
  readonly data: string;
  /** Request bodies, results and pipes of running requests; emptied at each start. */
  readonly temporary: string;
  readonly password: string;
  readonly readerPassword: string;
  /** The port of the last start, tried again first. */
  readonly port: string;
  /** Address of the running daemon, present while it answers. */
  readonly address: string;
  /** Held by the daemon while it lives. */
  readonly lock: string;
  /** Held by whoever starts a daemon, until it answers. */
  readonly startLock: string;
  readonly log: string;
}

/** The paths of the engine of `home`. */
export function enginePaths(home: string): EnginePaths {
  return {
    data: join(home, 'engine', 'data'),
    temporary: join(home, 'engine', 'tmp'),
    password: join(home, 'engine', 'password'),
    readerPassword: join(home, 'engine', 'reader-password'),
    port: join(home, 'engine', 'port'),
    address: join(home, 'run', 'engine.json'),
    lock: join(home, 'run', 'engine.lock'),
    startLock: join(home, 'run', 'engine-start.lock'),
    log: join(home, 'logs', 'engine.log'),
  };
}
