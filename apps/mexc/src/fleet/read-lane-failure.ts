import { readFile } from 'node:fs/promises';
import { CaptureError, ERROR_CODES, type ErrorCode } from '@mexc-toolkit/core';

const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(ERROR_CODES, text);

/** Why a lane in the background ended, from the last error in its log after `fromByte`; undefined when it told none. */
export async function readLaneFailure(log: string, fromByte: number): Promise<CaptureError | undefined> {
  const text = (await readFile(log)).subarray(fromByte).toString('utf8');
  const [, message, code] = [...text.matchAll(/^Error: (.*)\nCode: {2}(\w+)$/gm)].at(-1) ?? [];
  if (message === undefined || code === undefined || !isErrorCode(code)) return undefined;
  return new CaptureError(code, message, { context: { log } });
}
