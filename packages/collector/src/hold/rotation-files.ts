import { readJsonFile, rotationStateSchema, writeFileAtomic, type RotationAck, type RotationState } from '@mexc-toolkit/core';
import { join } from 'node:path';

/** The rotator's state of a base; undefined when there is none, or none that can be read. */
export async function readRotationState(directory: string, base: string): Promise<RotationState | undefined> {
  const parsed = rotationStateSchema.safeParse(await readJsonFile(join(directory, `${base}.json`)));
  return parsed.success ? parsed.data : undefined;
}

/** Answers the rotator. */
export async function writeRotationAck(directory: string, base: string, ack: RotationAck): Promise<void> {
  await writeFileAtomic(join(directory, `${base}.ack.json`), JSON.stringify(ack));
}
