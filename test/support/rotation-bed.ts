import { drainStoppedSymbol } from '@mexc-toolkit/collector';
import { openRecordedTelemetry } from '@mexc-toolkit/collector/test-support';
import {
  parseSymbol,
  rotationStateSchema,
  systemClock,
  type Clock,
  type HomePaths,
  type RotationState,
  type Store,
} from '@mexc-toolkit/core';
import { rotate, type RotateOptions, type SymbolRotation } from '@mexc-toolkit/rotator';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RotationBed {
  readonly paths: HomePaths;
  readonly store: Store;
  readonly symbol?: string;
  readonly clock?: Clock;
}

/** The next whole tenth of a second that is at least `leadMs` away, microseconds. */
export const soonUs = (clock: Clock = systemClock, leadMs = 400): number => Math.ceil((clock.now() + leadMs) / 100) * 100_000;

/** One rotation, with the same take-over of a stopped lane as the app has. */
export function rotateNow(bed: RotationBed, changes: Partial<RotateOptions> = {}): Promise<SymbolRotation> {
  const { paths, store, clock = systemClock } = bed;
  const symbol = parseSymbol(bed.symbol ?? 'BTC_USDT');
  const { telemetry } = openRecordedTelemetry();
  const signal = changes.signal ?? AbortSignal.timeout(60_000);
  const insert = { maxBytes: 4_194_304, parallel: 4, retryMinMs: 20, retryMaxMs: 200 };
  const takeOver: RotateOptions['takeOver'] = (boundaryUs) =>
    drainStoppedSymbol(boundaryUs, {
      symbol,
      paths,
      store,
      insert,
      clock,
      telemetry,
      random: Math.random,
      pid: process.pid,
      signal,
    });
  return rotate({
    symbol,
    directory: paths.rotation,
    store,
    clock,
    telemetry,
    pid: process.pid,
    boundaryUs: soonUs(clock),
    ackTimeoutMs: 8000,
    takeOver,
    signal,
    ...changes,
  });
}

export const readRotationState = (paths: HomePaths, base = 'btc'): RotationState =>
  rotationStateSchema.parse(JSON.parse(readFileSync(join(paths.rotation, `${base}.json`), 'utf8')));
