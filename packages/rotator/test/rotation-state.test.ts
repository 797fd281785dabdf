import type { PendingEpoch, RotationState } from '@mexc-toolkit/core';
import { describe, test } from 'vitest';
import { deriveEpochStart } from '../src/epoch-start.ts';
import {
  asideTable,
  decideOnAck,
  decideRecovery,
  toAbandoned,
  toAnnounced,
  toRotated,
  toRotating,
  withAdopted,
  withMoved,
  withoutPending,
} from '../src/rotation-state.ts';

const idle: RotationState = {
  formatVersion: 1,
  symbol: 'BTC_USDT',
  phase: 'idle',
  epochStartUs: 100,
  attempt: null,
  boundaryUs: null,
  pending: [],
};
const epoch = (table: string, startUs: number): PendingEpoch => ({
  table,
  startUs,
  endUs: startUs + 100,
  report: null,
  egress: null,
});

describe('the state of a rotation', () => {
  test('goes from idle over announced and rotating to idle with the epoch pending', ({ expect }) => {
    const announced = toAnnounced(idle, 'a', 200);
    expect(announced).toEqual({ ...idle, phase: 'announced', attempt: 'a', boundaryUs: 200 });
    const rotating = toRotating(announced);
    expect(rotating).toEqual({ ...announced, phase: 'rotating' });
    expect(toRotated(rotating, epoch('p', 100))).toEqual({ ...idle, epochStartUs: 200, pending: [epoch('p', 100)] });
    for (const state of [announced, rotating]) expect(toAbandoned(state)).toEqual(idle);
  });

  test('keeps the other epochs when one is moved, adopted or proven', ({ expect }) => {
    const state = { ...idle, pending: [epoch('a', 100), epoch('p', 300)] };
    expect(withMoved(state, 'p', 'q').pending).toEqual([epoch('a', 100), epoch('q', 300)]);
    expect(withAdopted(state, epoch('n', 200)).pending.map(({ table }) => table)).toEqual(['a', 'n', 'p']);
    expect(withoutPending(state, 'a').pending).toEqual([epoch('p', 300)]);
    expect(withoutPending(state, 'none')).toEqual(state);
  });

  test.for([
    [undefined, 'wait'],
    ['held', 'rotate'],
    ['late', 'ask-anew'],
    ['withdrawn', 'ask-anew'],
    ['released', 'ask-anew'],
  ] as const)('after the answer %s decides to %s', ([outcome, decision], { expect }) => {
    expect(decideOnAck(outcome)).toBe(decision);
  });

  test.for([
    ['idle', true, 'none'],
    ['idle', false, 'none'],
    ['announced', true, 'abandon'],
    ['announced', false, 'abandon'],
    ['rotating', true, 'complete'],
    ['rotating', false, 'abandon'],
  ] as const)('found as %s (previous exists: %s) is mended by %s', ([phase, previousExists, recovery], { expect }) => {
    expect(decideRecovery(phase, previousExists)).toBe(recovery);
  });

  test('names a table that is moved aside after its epoch, in a form that SQL and paths take', ({ expect }) => {
    expect(asideTable('btc_previous', Date.UTC(2026, 10, 22, 13) * 1000)).toBe('btc_previous_20261122T130000Z');
    expect(asideTable('btc_previous', Date.UTC(2026, 10, 22, 13) * 1000 + 7)).toBe('btc_previous_20261122T130000_000007Z');
  });
});

const HOUR = 3_600_000_000;

describe('the start of an epoch without a state', () => {
  test.for([
    { what: 'the hour of the first row', firstTsRecvUs: 5 * HOUR + 7, knownEndsUs: [], boundaryUs: 6 * HOUR, start: 5 * HOUR },
    {
      what: 'the hour of a row on its first microsecond',
      firstTsRecvUs: 5 * HOUR,
      knownEndsUs: [],
      boundaryUs: 6 * HOUR,
      start: 5 * HOUR,
    },
    {
      what: 'an hour long ago, when the first row is that old',
      firstTsRecvUs: 2 * HOUR,
      knownEndsUs: [],
      boundaryUs: 6 * HOUR,
      start: 2 * HOUR,
    },
    {
      what: 'the end of the epoch before, within the same hour',
      firstTsRecvUs: 5 * HOUR + 7,
      knownEndsUs: [4 * HOUR, 5 * HOUR + 3],
      boundaryUs: 6 * HOUR,
      start: 5 * HOUR + 3,
    },
    {
      what: 'the end of the epoch before when the first row lies on it',
      firstTsRecvUs: 5 * HOUR + 7,
      knownEndsUs: [5 * HOUR + 7],
      boundaryUs: 6 * HOUR,
      start: 5 * HOUR + 7,
    },
    {
      what: 'no end of an epoch that lies after its first row',
      firstTsRecvUs: 5 * HOUR + 7,
      knownEndsUs: [5 * HOUR + 8, 9 * HOUR],
      boundaryUs: 6 * HOUR,
      start: 5 * HOUR,
    },
    {
      what: 'the hour that ends at the boundary, without rows',
      firstTsRecvUs: null,
      knownEndsUs: [],
      boundaryUs: 6 * HOUR,
      start: 5 * HOUR,
    },
    {
      what: 'the hour that contains the boundary, without rows',
      firstTsRecvUs: null,
      knownEndsUs: [],
      boundaryUs: 6 * HOUR + 1,
      start: 6 * HOUR,
    },
    { what: 'before the boundary in any case', firstTsRecvUs: 8 * HOUR, knownEndsUs: [], boundaryUs: 6 * HOUR, start: 5 * HOUR },
  ])('is $what', ({ start, ...facts }, { expect }) => {
    expect(deriveEpochStart(facts)).toBe(start);
  });
});
