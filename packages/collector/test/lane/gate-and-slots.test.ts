import { getEventListeners } from 'node:events';
import { describe, test } from 'vitest';
import { MemoryBudget } from '../../src/lane/memory-budget.ts';
import { openSlots } from '../../src/lane/slots.ts';
import { SpoolGate } from '../../src/lane/spool-gate.ts';
import { InsertQueue } from '../../src/insert/insert-queue.ts';
import { toBlock } from '../support/blocks.ts';

describe('the gate of the spool', () => {
  test('is open only while the spool takes rows and not too many wait', async ({ expect }) => {
    const gate = new SpoolGate();
    const { signal } = new AbortController();
    await gate.untilOpen(signal);
    gate.setBlocked(true);
    gate.setPressed(true);
    let isThrough = false;
    const waiting = gate.untilOpen(signal).then(() => (isThrough = true));
    gate.setBlocked(false);
    await Promise.resolve();
    expect([gate.isOpen, gate.isBlocked, isThrough]).toEqual([false, false, false]);
    gate.setPressed(false);
    await waiting;
    expect(gate.isOpen).toBe(true);
  });

  test('lets a waiter go when its signal aborts, and leaves no listener behind', async ({ expect }) => {
    const gate = new SpoolGate();
    gate.setBlocked(true);
    const stop = new AbortController();
    const waiting = gate.untilOpen(stop.signal);
    stop.abort();
    await waiting;
    const { signal } = new AbortController();
    for (let turn = 0; turn < 20; turn += 1) {
      const turned = gate.untilOpen(signal);
      gate.setBlocked(false);
      await turned;
      gate.setBlocked(true);
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('slots', () => {
  test('let so many pieces of work run at a time, in order, and go on after one that fails', async ({ expect }) => {
    const withSlot = openSlots(2);
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
    const started: number[] = [];
    const results = gates.map(({ promise }, index) =>
      withSlot(async () => {
        started.push(index);
        await promise;
      }),
    );
    const settled = Promise.allSettled(results);
    await Promise.resolve();
    expect(started).toEqual([0, 1]);
    gates[1]!.reject(new Error('failed'));
    await results[1]!.catch(() => {});
    expect(started).toEqual([0, 1, 2]);
    for (const { resolve } of gates) resolve();
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  });
});

describe('the memory budget', () => {
  test('keeps payloads up to its bytes, and again after some were released', ({ expect }) => {
    const block = spooled(1, 10);
    const budget = new MemoryBudget(block.payload.length, 1000);
    const queue = new InsertQueue(10);
    const payload = budget.keep(block, queue);
    expect(payload).toBe(block.payload);
    expect(budget.keep(block, queue)).toBeUndefined();
    budget.release({ location: block.location, payload });
    expect(budget.keep(block, queue)).toBe(block.payload);
  });

  test('keeps only so many rows of a symbol that a rotation holds', ({ expect }) => {
    const budget = new MemoryBudget(1e9, 15);
    const queue = new InsertQueue(10);
    queue.holdFromUs = 1_000_000;
    const block = spooled(1, 10);
    expect(budget.keep(block, queue)).toBe(block.payload);
    queue.push({ location: block.location, payload: block.payload });
    expect(budget.keep(spooled(11, 10), queue)).toBeUndefined();
  });
});

function spooled(firstSeq: number, rows: number) {
  const { payload, ...block } = toBlock('btc', firstSeq, rows);
  const location = { ...block, payloadBytes: payload.length, payloadCrc: 0, segment: 's', offset: 0, payloadOffset: 0 };
  return { location, payload };
}
