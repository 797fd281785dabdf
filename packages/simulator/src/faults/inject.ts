import { CaptureError } from '@mexc-toolkit/core';
import type { FaultContext, FaultEntry } from './context.ts';
import { RequestFields } from '../request-fields.ts';
import type { FaultReport } from './fault.ts';
import { FRAME_FAULTS } from './frame-faults.ts';
import { SESSION_FAULTS } from './session-faults.ts';
import { VENUE_FAULTS } from './venue-faults.ts';

const FAULTS: ReadonlyMap<string, FaultEntry> = new Map(Object.entries({ ...FRAME_FAULTS, ...SESSION_FAULTS, ...VENUE_FAULTS }));

/** Every fault type, sorted. */
export const FAULT_TYPES: readonly string[] = [...FAULTS.keys()].toSorted();

/**
 * Validates a fault and carries it out.
 *
 * @throws {CaptureError} `USAGE_INVALID` for an unknown type or a wrong field; then nothing was done.
 */
export function injectFault(fault: object, context: FaultContext): FaultReport {
  const fields = new RequestFields('fault', fault);
  const type = fields.text('type');
  const entry = FAULTS.get(type);
  if (!entry) {
    throw new CaptureError('USAGE_INVALID', `unknown fault ${JSON.stringify(type)}; known are ${FAULT_TYPES.join(', ')}`);
  }
  const act = entry(fields, context);
  fields.end();
  return { type, sessions: act() };
}
