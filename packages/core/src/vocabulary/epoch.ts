import { CaptureError } from '../errors/capture-error.ts';

/** `[startUs, endUs)` in `ts_recv`, microseconds since the Unix epoch, UTC. An hour by default. */
export interface Epoch {
  readonly startUs: number;
  readonly endUs: number;
}

const HOUR_MS = 3_600_000;

/** The next full UTC hour after `atMs`, in milliseconds. */
export const nextHourMs = (atMs: number): number => (Math.floor(atMs / HOUR_MS) + 1) * HOUR_MS;

/** Name of an epoch by its start: `20261122T130000Z`; with microseconds when they are not zero. Sorts as text within a form. */
export function toEpochName(startUs: number): string {
  const iso = new Date(Math.floor(startUs / 1000)).toISOString();
  const fraction = startUs % 1_000_000;
  const digits = iso.slice(0, 19).replaceAll(/[-:]/g, '');
  return fraction === 0 ? `${digits}Z` : `${digits}.${String(fraction).padStart(6, '0')}Z`;
}

/**
 * Inverse of {@link toEpochName}.
 *
 * @throws {CaptureError} `USAGE_INVALID`
 */
export function parseEpochName(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?:\.(\d{6}))?Z$/.exec(text);
  const [, year, month, day, hour, minute, second, fraction = '0'] = match ?? [];
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const ms = match ? Date.parse(iso) : Number.NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso) {
    throw new CaptureError(
      'USAGE_INVALID',
      `"${text.slice(0, 40)}" is not an epoch; expected its start in the form 20261122T130000Z`,
    );
  }
  return ms * 1000 + Number(fraction);
}
