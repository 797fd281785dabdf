import { forgetLaneStatus, readLaneStatus, spawnDetachedLane, type LaneProgram, type LaneSpec } from '@mexc-toolkit/collector';
import { CaptureError, openLock, type Clock, type HomePaths } from '@mexc-toolkit/core';

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
 * @throws {CaptureError} `LOCK_HELD` when it runs already; `VENUE_UNREACHABLE` when it ended or recorded nothing in time.
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
  const pid = await spawnDetachedLane(spec, options);
  const log = paths.log(`lane-${spec.lane}`);
  const deadline = clock.monotonic() + START_TIMEOUT_MS;
  for (;;) {
    const status = await readLaneStatus(paths, spec.lane);
    if (typeof status === 'object' && status !== null && 'state' in status && status.state === 'live') {
      return { lane: spec.lane, symbols: spec.symbols, pid, log, status: paths.status(spec.lane) };
    }
    if (!options.isAlive(pid) || clock.monotonic() > deadline) {
      throw new CaptureError('VENUE_UNREACHABLE', `lane ${spec.lane} did not start to record; see ${log}`, {
        context: { lane: spec.lane, log },
      });
    }
    await clock.sleep(50);
  }
}
