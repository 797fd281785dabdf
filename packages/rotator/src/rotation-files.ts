import { join } from 'node:path';
import {
  readJsonFile,
  rotationAckSchema,
  rotationStateSchema,
  writeFileAtomic,
  type ContractSymbol,
  type RotationAck,
  type RotationState,
  type Base,
} from '@mexc-toolkit/core';

/** The state of a base, or that of one which was never rotated. A damaged file counts as none: everything in it can be derived. */
export async function readState(
  directory: string,
  about: { readonly base: Base; readonly symbol: ContractSymbol },
): Promise<RotationState> {
  const parsed = rotationStateSchema.safeParse(await readJsonFile(join(directory, `${about.base}.json`)));
  if (parsed.success) return parsed.data;
  return {
    formatVersion: 1,
    symbol: about.symbol,
    phase: 'idle',
    epochStartUs: null,
    attempt: null,
    boundaryUs: null,
    pending: [],
  };
}

/** Replaces the state, durably: what it says must not be forgotten by a power cut. */
export async function writeState(directory: string, base: Base, state: RotationState): Promise<void> {
  await writeFileAtomic(join(directory, `${base}.json`), JSON.stringify(state), { durable: true });
}

/** The lane's answer to `attempt`; undefined while there is none. */
export async function readAck(directory: string, base: Base, attempt: string): Promise<RotationAck | undefined> {
  const parsed = rotationAckSchema.safeParse(await readJsonFile(join(directory, `${base}.ack.json`)));
  return parsed.success && parsed.data.attempt === attempt ? parsed.data : undefined;
}
