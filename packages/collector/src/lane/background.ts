import { CaptureError, type Clock, type Telemetry } from '@mexc-toolkit/core';

/** Work that goes on beside the session until the lane ends. */
export interface Background {
  /** Runs `work` now and then every `intervalMs`, one at a time. An error that is no bug is reported, and the next turn comes. */
  every(intervalMs: number, work: () => Promise<void> | void): void;
  /** Runs `work` once, to its end. */
  run(work: () => Promise<void>): void;
  /** Resolves when all of it has ended. Never rejects. */
  settled(): Promise<void>;
}

/** @param onBug called with an error that is neither a coded one nor of the operating system: the lane must not go on with a part of it missing */
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
        if (isBug(error)) onBug(error);
        else telemetry.failure(error);
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
            if (signal.aborted || isBug(error)) throw error;
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

/** A full disk or a directory that went away stops a status line or a rotation, never the recording. */
const isBug = (error: unknown): boolean => !CaptureError.is(error) && !(error instanceof Error && 'syscall' in error);
