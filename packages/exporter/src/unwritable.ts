import { CaptureError } from '@mexc-toolkit/core';

/**
 * Runs one operation on the export directory.
 *
 * @throws {CaptureError} `EXPORT_UNWRITABLE` for every error of the operating system (ENOSPC, EACCES, EROFS, ENOTDIR, …)
 */
export async function whenWritable<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string' || cause.name === 'AbortError')
      throw cause;
    throw new CaptureError('EXPORT_UNWRITABLE', `cannot write ${path}: ${cause.code}`, {
      cause,
      context: { path, errno: cause.code },
    });
  }
}
