import { stat } from 'node:fs/promises';
import { forgetLaneStatus, readLaneStatus, spawnDetachedLane, type LaneProgram, type LaneSpec } from '@mexc-toolkit/collector';
import { CaptureError, openLock, type Clock, type HomePaths } from '@mexc-toolkit/core';
import { writePid } from './pid-file.ts';
import { readLaneFailure } from './read-lane-failure.ts';

export interface DetachedLane {
  readonly lane: string;
  readonly symbols: readonly string[];
  readonly pid: number;
  readonly log: string;
  readonly status: string;
}

const START_TIMEOUT_MS = 30_000;

/**
 * Starts a lane in the background and waits until it records.
 *
 * @throws {CaptureError} `LOCK_HELD` when it runs already; the lane's own error when it ended; `VENUE_UNREACHABLE` when it
 *   records nothing in time.
 */
export async function startDetached(
  spec: LaneSpec,
  options: {
    readonly paths: HomePaths;
    readonly clock: Clock;
    readonly program: LaneProgram;
    readonly isAlive: (pid: number) => boolean;
  },
): Promise<DetachedLane> {
  const { paths, clock } = options;
  openLock(`${paths.spool(spec.lane)}.lock`, { pid: 0, what: `lane ${spec.lane}` })[Symbol.dispose]();
  await forgetLaneStatus(paths, spec.lane);
  const log = paths.log(`lane-${spec.lane}`);
  const logged = await stat(log).then(
    ({ size }) => size,
    () => 0, // the lane never ran before
  );
  const pid = await spawnDetachedLane(spec, options);
  const deadline = clock.monotonic() + START_TIMEOUT_MS;
  for (;;) {
    const status = await readLaneStatus(paths, spec.lane);
    if (typeof status === 'object' && status !== null && 'state' in status && status.state === 'live') {
      await writePid(paths.pid(spec.lane), pid);
      return { lane: spec.lane, symbols: spec.symbols, pid, log, status: paths.status(spec.lane) };
    }
    if (!options.isAlive(pid) || clock.monotonic() > deadline) {
      const failure = await readLaneFailure(log, logged);
      if (failure) throw failure;
      throw new CaptureError('VENUE_UNREACHABLE', `lane ${spec.lane} did not start to record; see ${log}`, {
        context: { lane: spec.lane, log },
      });
    }
    await clock.sleep(50);
  }
}
