import type { Readable } from 'node:stream';
import { CaptureError, type Store } from '@mexc-toolkit/core';

/**
 * Chunks of a statement's answer.
 *
 * @throws {CaptureError} `STORE_UNREACHABLE` when the answer breaks off; an abort passes as it is
 */
export async function* readAnswer(store: Store, sql: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const answer: Readable = await store.stream(sql, { signal });
  try {
    for await (const chunk of answer) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('the store answered with text instead of bytes');
      yield chunk;
    }
  } catch (cause) {
    signal.throwIfAborted();
    if (CaptureError.is(cause) || cause instanceof TypeError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new CaptureError('STORE_UNREACHABLE', `the answer of ClickHouse at ${store.address.url} broke off: ${detail}`, {
      cause,
    });
  } finally {
    answer.destroy();
  }
}

/**
 * The error that ClickHouse appends to an answer which has already begun, when the status is long sent.
 *
 * @param tail the last bytes of the answer
 */
export function toAppendedError(tail: Uint8Array): CaptureError {
  const match = /Code: (\d+)\. (DB::Exception: [^\n]{0,400})/.exec(Buffer.from(tail).toString('latin1'));
  return match === null
    ? new CaptureError('STORE_UNREACHABLE', 'the answer of ClickHouse ended before it was complete')
    : new CaptureError('STORE_REFUSED', `ClickHouse: ${match[2] ?? ''}`, { context: { clickhouseCode: Number(match[1]) } });
}
