import { describe, test } from 'vitest';
import { isRevived, noteActivity, noteSubscription, openActivity, stalledSince } from '../../src/session/staleness.ts';

const METHODS = ['sub.ticker', 'sub.deal', 'sub.depth.full'];
const SILENCE_MS = 60_000;

function subscribed() {
  const activity = openActivity();
  noteSubscription(activity, METHODS, 1000);
  return activity;
}

describe('a symbol', () => {
  test('is stalled when it never said a word, and not before it had the time to', ({ expect }) => {
    expect(stalledSince(subscribed(), 61_000, SILENCE_MS)).toBeUndefined();
    expect(stalledSince(subscribed(), 61_001, SILENCE_MS)).toBe(1000);
  });

  test('is stalled since its last frame of any kind', ({ expect }) => {
    const activity = subscribed();
    noteActivity(activity, 'push.tomorrow', 5000);
    expect(stalledSince(activity, 65_000, SILENCE_MS)).toBeUndefined();
    expect(stalledSince(activity, 65_001, SILENCE_MS)).toBe(5000);
  });

  test('with a quiet book is not stalled, with a silent one among fifty other frames is', ({ expect }) => {
    const activity = subscribed();
    noteActivity(activity, 'push.depth.full', 2000);
    for (let frame = 1; frame <= 49; frame += 1) noteActivity(activity, 'push.deal', 90_000);
    expect(stalledSince(activity, 90_000, SILENCE_MS)).toBeUndefined();
    noteActivity(activity, 'push.deal', 90_000);
    expect(stalledSince(activity, 90_000, SILENCE_MS)).toBe(2000);
    noteActivity(activity, 'push.depth.full', 90_001);
    expect(stalledSince(activity, 90_001, SILENCE_MS)).toBeUndefined();
  });

  test('with a silent ticker is not stalled: there may have been no trade', ({ expect }) => {
    const activity = subscribed();
    for (let frame = 1; frame <= 1000; frame += 1) noteActivity(activity, 'push.depth.full', 90_000);
    expect(stalledSince(activity, 90_000, SILENCE_MS)).toBeUndefined();
  });

  test('is revived once each of its books has spoken after the subscription', ({ expect }) => {
    const activity = subscribed();
    noteActivity(activity, 'push.deal', 2000);
    expect(isRevived(activity)).toBe(false);
    noteActivity(activity, 'push.depth.full', 2001);
    expect(isRevived(activity)).toBe(true);
    noteSubscription(activity, METHODS, 3000);
    expect(isRevived(activity)).toBe(false);
  });

  test('remembers no channel that was not asked for', ({ expect }) => {
    const activity = subscribed();
    for (let index = 0; index < 1000; index += 1) noteActivity(activity, `push.${index}`, 2000);
    expect(activity.channels.size).toBe(METHODS.length);
  });
});
