import { join } from 'node:path';
import { CaptureError, readLockOwner, toBase, tryLock, type ProcessLock } from '@mexc-toolkit/core';
import { attemptRotation } from './attempt-rotation.ts';
import { settleEpochStart } from './epoch-bounds.ts';
import { moveAside, recover } from './recover-rotation.ts';
import { openRotationContext, type RotateOptions, type SymbolRotation } from './rotation-context.ts';

/**
 * Turns the current table of a symbol into its previous one at an exact boundary (docs/architecture.md#rotation).
 *
 * Keeps I6: every row of the ended epoch has `ts_recv < boundary`, every later one is in the new current table. Keeps I7:
 * nothing is dropped; an older previous table is moved aside first. Killed anywhere and run again, it finishes or gives up
 * cleanly; rows are never lost by either.
 *
 * @throws {CaptureError} `ROTATION_BUSY`, `ROTATION_UNACKNOWLEDGED`, `STORE_*`
 */
export async function rotate(options: RotateOptions): Promise<SymbolRotation> {
  const { clock, signal } = options;
  using _ = await openRotationLock(options);
  const context = openRotationContext(options);
  await recover(context);
  await moveAside(context);
  // Whatever takes time and can be done before, so that inserts are held for less.
  await settleEpochStart(context);
  await context.tables.prepareNext(signal);
  let { boundaryUs } = options;
  const deadlineMs = clock.monotonic() + Math.max(0, boundaryUs / 1000 - clock.now()) + options.ackTimeoutMs;
  for (;;) {
    const outcome = await attemptRotation(context, boundaryUs, deadlineMs);
    if (outcome) return outcome;
    // The lane was late or withdrew: the same hour cannot be cut at that boundary any more.
    boundaryUs = Math.ceil((clock.now() + 1000) / 1000) * 1_000_000;
    if (clock.monotonic() >= deadlineMs) throw context.unacknowledged();
  }
}

/** An archive holds the lock too, for the moment in which it strikes a proven epoch off the state. */
const LOCK_TIMEOUT_MS = 3000;
const LOCK_POLL_MS = 10;

async function openRotationLock({ symbol, directory, pid, clock, signal }: RotateOptions): Promise<ProcessLock> {
  const path = join(directory, `${toBase(symbol)}.lock`);
  const what = `rotation of ${symbol}`;
  const deadline = clock.monotonic() + LOCK_TIMEOUT_MS;
  for (;;) {
    const lock = tryLock(path, { pid, what });
    if (lock) return lock;
    if (readLockOwner(path)?.what === what || clock.monotonic() > deadline) {
      throw new CaptureError('ROTATION_BUSY', `a rotation of ${symbol} is running`, { context: { symbol } });
    }
    await clock.sleep(LOCK_POLL_MS, signal);
  }
}
