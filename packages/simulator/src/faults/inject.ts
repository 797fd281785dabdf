import { CaptureError } from '@mexc-toolkit/core';
import type { FaultContext, FaultEntry } from './context.ts';
import { FaultFields } from './fault-fields.ts';
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
 * @throws {CaptureError} `USAGE_INVALID` for an unknown type or a wrong field; nothing was done then, unless the wrong
 *   field is one that the fault does not have.
 */
export function injectFault(fault: object, context: FaultContext): FaultReport {
  const fields = new FaultFields('fault', fault);
  const type = fields.text('type');
  const entry = FAULTS.get(type);
  if (!entry) {
    throw new CaptureError('USAGE_INVALID', `unknown fault ${JSON.stringify(type)}; known are ${FAULT_TYPES.join(', ')}`);
  }
  const sessions = entry(fields, context);
  fields.end();
  return { type, sessions };
}
