import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { randomBytes } from 'node:crypto';
import { createBrotliCompress, createDeflate, createGzip, createZstdCompress } from 'node:zlib';
import type { Transform } from 'node:stream';
import { formatException, httpStatus, type ServerException } from './exceptions.ts';
import { contentType } from './formats.ts';
import type { ResponseEncoding } from './request.ts';

/** Figures of a query, as the header `X-ClickHouse-Summary` gives them. */
export interface Summary {
  /** chDB tells the rows of the result and not those read for it; this is the same number. */
  readonly readRows: number;
  readonly readBytes: number;
  readonly writtenRows: number;
  readonly writtenBytes: number;
  readonly resultRows: number;
  readonly resultBytes: number;
  readonly elapsedSeconds: number;
}

/** What every response of the daemon says about itself. */
export interface ServerIdentity {
  readonly version: string;
  readonly displayName: string;
}

/** The answer to one query: {@link start}, {@link write} …, then {@link end} or {@link fail}. */
export class QueryResponse {
  readonly #response: ServerResponse;
  readonly #identity: ServerIdentity;
  readonly #tag = randomBytes(8).toString('hex');
  #encoder: Transform | undefined;

  constructor(response: ServerResponse, identity: ServerIdentity) {
    this.#response = response;
    this.#identity = identity;
  }

  /** True once the status is sent: from then on an error can only break the answer off. */
  get started(): boolean {
    return this.#response.headersSent;
  }

  /** True when nobody reads the answer any more. */
  get closed(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  /** Sends status and headers. */
  start(head: {
    readonly queryId: string;
    readonly format: string;
    readonly encoding: ResponseEncoding;
    readonly summary: Summary;
    /** Length of the body when all of it is known. */
    readonly bytes?: number;
  }): void {
    if (this.closed) return;
    this.#setCommon(head.queryId);
    this.#response.setHeader('Content-Type', contentType(head.format));
    this.#response.setHeader('X-ClickHouse-Format', head.format);
    this.#response.setHeader('X-ClickHouse-Summary', formatSummary(head.summary));
    const encoder = ENCODERS[head.encoding]?.();
    if (encoder) {
      this.#encoder = encoder;
      this.#response.setHeader('Content-Encoding', head.encoding);
      encoder.on('data', (chunk: Buffer) => {
        if (!this.#response.write(chunk)) {
          encoder.pause();
          this.#response.once('drain', () => encoder.resume());
        }
      });
    } else if (head.bytes !== undefined) {
      this.#response.setHeader('Content-Length', head.bytes);
    }
    this.#response.writeHead(200);
  }

  /** Resolves when the client can take more, or is gone, or `signal` aborts. */
  async write(chunk: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.closed) return;
    const sink = this.#encoder ?? this.#response;
    if (sink.write(chunk)) return;
    const gone = new AbortController();
    const onClose = (): void => gone.abort();
    this.#response.once('close', onClose);
    await once(sink, 'drain', { signal: AbortSignal.any([gone.signal, signal]) }).catch(() => {
      // Nobody waits for more; the caller sees it in `closed` or in its signal.
    });
    this.#response.off('close', onClose);
  }

  /** Completes the answer. */
  async end(): Promise<void> {
    await this.#endEncoder();
    if (!this.closed) this.#response.end();
  }

  /**
   * Answers with an exception. When the status is already sent, the exception is appended between the markers that ClickHouse
   * uses and the connection ends without the final chunk, so that no client takes the answer for complete.
   */
  fail(error: ServerException, queryId: string): void {
    if (this.closed) return;
    const text = formatException(error, this.#identity.version);
    if (!this.started) {
      this.#setCommon(queryId);
      this.#response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
      this.#response.setHeader('X-ClickHouse-Exception-Code', error.code);
      if (error.code === 516) this.#response.setHeader('WWW-Authenticate', 'Basic realm="ClickHouse server HTTP API"');
      this.#response.writeHead(httpStatus(error.code)).end(text);
      return;
    }
    const marker = `\r\n__exception__\r\n${this.#tag}\r\n${text}${Buffer.byteLength(text)} ${this.#tag}\r\n__exception__\r\n`;
    // Not awaited: a client that reads slowly must not keep a query alive that has ended.
    if (this.#encoder) {
      this.#encoder.once('end', () => this.#response.socket?.end());
      this.#encoder.end(marker);
    } else {
      this.#response.write(marker);
      this.#response.socket?.end();
    }
  }

  #setCommon(queryId: string): void {
    this.#response.setHeader('X-ClickHouse-Server-Display-Name', this.#identity.displayName);
    this.#response.setHeader('X-ClickHouse-Query-Id', queryId);
    this.#response.setHeader('X-ClickHouse-Timezone', 'UTC');
    this.#response.setHeader('X-ClickHouse-Exception-Tag', this.#tag);
  }

  async #endEncoder(): Promise<void> {
    const encoder = this.#encoder;
    if (!encoder || this.closed) return;
    const ended = once(encoder, 'end');
    encoder.end();
    const closed = once(this.#response, 'close');
    await Promise.race([ended, closed]);
  }
}

const ENCODERS: Readonly<Record<ResponseEncoding, (() => Transform) | undefined>> = {
  identity: undefined,
  gzip: () => createGzip({ level: 3 }),
  deflate: () => createDeflate({ level: 3 }),
  br: () => createBrotliCompress({ params: { 1: 3 } }),
  zstd: () => createZstdCompress(),
};

function formatSummary(summary: Summary): string {
  return JSON.stringify({
    read_rows: String(summary.readRows),
    read_bytes: String(summary.readBytes),
    written_rows: String(summary.writtenRows),
    written_bytes: String(summary.writtenBytes),
    total_rows_to_read: '0',
    result_rows: String(summary.resultRows),
    result_bytes: String(summary.resultBytes),
    elapsed_ns: String(Math.round(summary.elapsedSeconds * 1e9)),
  });
}
