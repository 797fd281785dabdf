import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';

/**
 * The reading end of a named pipe into which chDB writes one result.
 *
 * Why a pipe: `INTO OUTFILE` writes a result with one writer from begin to end, which formats with a header or a footer need,
 * and a full pipe makes chDB wait for the client; so any result streams in bounded memory.
 */
export interface ResultPipe extends Disposable {
  /** What was written, until the writer and {@link finish} have closed the pipe. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Ends `chunks` after what is in the pipe, also when no writer ever opened it. Call when the statement has ended. */
  finish(): void;
}

/** Opens the reading end; does not wait for a writer. */
export function openResultPipe(path: string): ResultPipe {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const socket = new Socket({ fd, readable: true, writable: false });
  return {
    chunks: socket,
    finish: () => {
      // Opening and closing a writing end is what makes the kernel report the end of the pipe.
      if (socket.destroyed) return;
      try {
        closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
      } catch (error) {
        // ENXIO: there is no reader any more, so nobody waits for the end.
        if (!(error instanceof Error && 'code' in error && error.code === 'ENXIO')) throw error;
      }
    },
    [Symbol.dispose]: () => {
      socket.destroy();
    },
  };
}

/** Makes named pipes that only this user can open. Node has no call for it; `mkfifo` is part of every POSIX system. */
export async function makePipes(paths: readonly string[]): Promise<void> {
  await promisify(execFile)('mkfifo', ['-m', '600', ...paths]);
}
