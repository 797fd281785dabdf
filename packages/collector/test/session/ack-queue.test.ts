import { parseSymbol } from '@mexc-toolkit/core';
import { describe, test } from 'vitest';
import { AckQueue } from '../../src/session/ack-queue.ts';

const [btc, eth] = [parseSymbol('BTC_USDT'), parseSymbol('ETH_USDT')];

function openQueue(): AckQueue {
  const queue = new AckQueue();
  for (const symbol of [btc, eth]) for (const method of ['sub.ticker', 'sub.deal']) queue.expect(method, symbol);
  return queue;
}

describe('an ack queue', () => {
  test('gives acks of a method to the symbols in the order of the commands', ({ expect }) => {
    const queue = openQueue();
    const acks = ['sub.ticker', 'sub.deal', 'sub.ticker', 'sub.deal'].map((method) => queue.acknowledge(method));
    expect(acks).toEqual([
      { symbol: btc, isLast: false },
      { symbol: btc, isLast: true },
      { symbol: eth, isLast: false },
      { symbol: eth, isLast: true },
    ]);
  });

  test('ignores acks that nobody waits for', ({ expect }) => {
    const queue = openQueue();
    expect(queue.acknowledge('sub.kline')).toBeUndefined();
    expect(new AckQueue().refuse()).toBeUndefined();
  });

  test('takes an error without a symbol for the answer to the first command that waits', ({ expect }) => {
    const queue = openQueue();
    expect(queue.acknowledge('sub.ticker')).toEqual({ symbol: btc, isLast: false });
    expect(queue.refuse()).toEqual({ symbol: btc, isLast: true });
    expect(queue.acknowledge('sub.ticker')).toEqual({ symbol: eth, isLast: false });
  });

  test('forgets what a rejected symbol waited for', ({ expect }) => {
    const queue = openQueue();
    queue.reject(btc);
    expect(queue.acknowledge('sub.ticker')).toEqual({ symbol: eth, isLast: false });
  });
});
