import { CaptureError, type Clock, type Telemetry } from '@mexc-toolkit/core';

/** Work that goes on beside the session until the lane ends. */
export interface Background {
  /** Runs `work` now and then every `intervalMs`, one at a time. A coded error is reported and the next turn comes. */
  every(intervalMs: number, work: () => Promise<void> | void): void;
  /** Runs `work` once, to its end. */
  run(work: () => Promise<void>): void;
  /** Resolves when all of it has ended; rejects with the first error that is a bug. */
  settled(): Promise<void>;
}

/**
 * @param onBug called with the first error that is not a coded one: the lane must not go on with a part of it missing
 */
export function openBackground(options: {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly signal: AbortSignal;
  readonly onBug: (error: unknown) => void;
}): Background {
  const { clock, telemetry, signal, onBug } = options;
  const tasks: Promise<void>[] = [];
  const run = (work: () => Promise<void>): void => {
    tasks.push(
      work().catch((error: unknown) => {
        if (signal.aborted && error instanceof Error && error.name === 'AbortError') return;
        if (CaptureError.is(error)) telemetry.failure(error);
        else onBug(error);
      }),
    );
  };
  return {
    run,
    every: (intervalMs, work) =>
      run(async () => {
        while (!signal.aborted) {
          try {
            await work();
          } catch (error) {
            if (!CaptureError.is(error)) throw error;
            telemetry.failure(error);
          }
          await clock.sleep(intervalMs, signal);
        }
      }),
    settled: async () => {
      await Promise.all(tasks);
    },
  };
}
