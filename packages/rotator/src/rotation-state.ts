import { toEpochName, type PendingEpoch, type RotationState } from '@mexc-toolkit/core';

/**
 * Pure steps of a rotation (docs/architecture.md#rotation). Each returns the next state; the caller makes it durable before it
 * acts on it.
 */

export function toAnnounced(state: RotationState, attempt: string, boundaryUs: number): RotationState {
  return { ...state, phase: 'announced', attempt, boundaryUs };
}

/** From here on the tables may be renamed. */
export function toRotating(state: RotationState): RotationState {
  return { ...state, phase: 'rotating' };
}

/** The tables were renamed: the epoch before the boundary waits for its proof, current holds the next one. */
export function toRotated(state: RotationState, epoch: PendingEpoch): RotationState {
  return {
    ...state,
    phase: 'idle',
    attempt: null,
    boundaryUs: null,
    epochStartUs: epoch.endUs,
    pending: [...state.pending, epoch],
  };
}

/** The attempt is given up; nothing was renamed. */
export function toAbandoned(state: RotationState): RotationState {
  return { ...state, phase: 'idle', attempt: null, boundaryUs: null };
}

/** The epoch of `table` is proven and dropped. */
export function withoutPending(state: RotationState, table: string): RotationState {
  return { ...state, pending: state.pending.filter((epoch) => epoch.table !== table) };
}

/** The epoch in `from` was moved aside to `to`. */
export function withMoved(state: RotationState, from: string, to: string): RotationState {
  return { ...state, pending: state.pending.map((epoch) => (epoch.table === from ? { ...epoch, table: to } : epoch)) };
}

/** An epoch whose table exists although no state told of it. Oldest first. */
export function withAdopted(state: RotationState, epoch: PendingEpoch): RotationState {
  return { ...state, pending: [...state.pending, epoch].toSorted((a, b) => a.startUs - b.startUs) };
}

/** Name of the table of an older, unproven epoch: `btc_previous_20261122T130000Z`. */
export const asideTable = (previous: string, startUs: number): string => `${previous}_${toEpochName(startUs).replace('.', '_')}`;

/** What the rotator may do about an attempt, given the lane's answer. */
export type AckDecision = 'wait' | 'rotate' | 'ask-anew';

/**
 * @param outcome the lane's answer; undefined while there is none
 */
export function decideOnAck(outcome: 'held' | 'withdrawn' | 'late' | 'released' | undefined): AckDecision {
  switch (outcome) {
    case undefined:
      return 'wait';
    case 'held':
      return 'rotate';
    case 'late':
    case 'withdrawn':
    case 'released':
      return 'ask-anew';
  }
}

/** What a rotator that finds a state of an earlier life has to do first. */
export type Recovery = 'none' | 'abandon' | 'complete';

/**
 * `rotating` without a previous table: the RENAME never happened. With one: it did, because any earlier previous table was
 * moved aside before the attempt was announced. No statement of the dead rotator may be running when this is asked.
 */
export function decideRecovery(phase: RotationState['phase'], previousExists: boolean): Recovery {
  if (phase === 'idle') return 'none';
  return phase === 'rotating' && previousExists ? 'complete' : 'abandon';
}
