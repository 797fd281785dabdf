import type { ContractSymbol } from '@mexc-toolkit/core';

/**
 * Which symbol an ack belongs to: acks hold no symbol and come in the order of the commands, per method (docs/protocol.md §3).
 */
export class AckQueue {
  readonly #waiting: { readonly method: string; readonly symbol: ContractSymbol }[] = [];

  expect(method: string, symbol: ContractSymbol): void {
    this.#waiting.push({ method, symbol });
  }

  /** The symbol of an ack for `method`, and whether it was the last one that the symbol waited for. */
  acknowledge(method: string): { readonly symbol: ContractSymbol; readonly isLast: boolean } | undefined {
    const index = this.#waiting.findIndex((entry) => entry.method === method);
    const [entry] = index === -1 ? [] : this.#waiting.splice(index, 1);
    if (!entry) return undefined;
    return { symbol: entry.symbol, isLast: !this.#waiting.some((other) => other.symbol === entry.symbol) };
  }

  /** An error in the place of an ack, without a symbol in it: answers come in the order of the commands, so it is the first that waits. */
  refuse(): { readonly symbol: ContractSymbol; readonly isLast: boolean } | undefined {
    const [first] = this.#waiting;
    return first && this.acknowledge(first.method);
  }

  /** Forgets what `symbol` waited for: the venue rejected it. */
  reject(symbol: string): void {
    for (let index = this.#waiting.length - 1; index >= 0; index -= 1) {
      if (this.#waiting[index]?.symbol === symbol) this.#waiting.splice(index, 1);
    }
  }
}
