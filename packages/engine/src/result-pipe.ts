import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';

/**
 * The reading end of a named pipe into which chDB writes one result.
 *
 * Why a pipe: `INTO OUTFILE` writes a result with one writer from begin to end, which formats with a header or a footer need,
 * and a full pipe makes chDB wait for the client; so any result streams in bounded memory.
 */
export interface ResultPipe extends Disposable {
  /** What was written before {@link finish}. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Ends `chunks` after what is in the pipe. Call when the statement has ended. */
  finish(): void;
}

const MARK_BYTES = 32;

/**
 * Opens the pipe at `path`. `chunks` must be read to their end, also when nobody wants them any more: while a pipe is full or has
 * no reader, chDB waits for one where nothing can stop it.
 *
 * The end of a result is a random mark that {@link ResultPipe.finish} writes behind it, and not the end of the file: chDB may
 * never open the pipe, and after some errors it opens it a second time.
 */
export function openResultPipe(path: string): ResultPipe {
  const socket = new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });
  // With a writer of our own there is never an end of the file.
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const mark = randomBytes(MARK_BYTES);
  let finished = false;
  let marked = false;
  const writeMark = (): void => {
    if (finished && !marked) marked = tryWrite(writer, mark);
  };
  return {
    chunks: untilMark(socket, { mark, isMarked: () => marked, writeMark }),
    finish: () => {
      finished = true;
      writeMark();
    },
    [Symbol.dispose]: () => {
      socket.destroy();
      closeSync(writer);
    },
  };
}

interface MarkedEnd {
  readonly mark: Buffer;
  readonly isMarked: () => boolean;
  /** Writes the mark when it is due; does nothing when the pipe is full. */
  readonly writeMark: () => void;
}

async function* untilMark(source: AsyncIterable<unknown>, end: MarkedEnd): AsyncGenerator<Buffer, void, undefined> {
  let tail: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    if (!Buffer.isBuffer(chunk)) continue;
    if (!end.isMarked()) {
      // Read before the mark was written, so there is none in it; and now there is room in the pipe.
      yield chunk;
      end.writeMark();
      continue;
    }
    tail = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
    const last = tail.length - end.mark.length;
    if (last >= 0 && tail.subarray(last).equals(end.mark)) {
      if (last > 0) yield tail.subarray(0, last);
      return;
    }
    const keptFrom = Math.max(0, last + 1);
    if (keptFrom > 0) yield tail.subarray(0, keptFrom);
    tail = tail.subarray(keptFrom);
  }
}

/** Writes `bytes` as a whole, or returns false when the pipe is full. They are fewer than a pipe writes in one piece. */
function tryWrite(fd: number, bytes: Buffer): boolean {
  try {
    writeSync(fd, bytes);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return false;
    throw error;
  }
}

/** Makes named pipes that only this user can open. Node has no call for it; `mkfifo` is part of every POSIX system. */
export async function makePipes(paths: readonly string[]): Promise<void> {
  await promisify(execFile)('mkfifo', ['-m', '600', ...paths]);
}
