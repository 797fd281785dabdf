import type { Telemetry } from '@mexc-toolkit/core';

const nothing = (): void => {};

/** A log that nobody reads: the measures report figures, not events. */
export const silentLog = { info: nothing, warn: nothing, error: nothing, debug: nothing } as unknown as ConstructorParameters<
  typeof Telemetry
>[0];
