import { configSchema, type Config } from '@mexc-toolkit/core';
import { z } from 'zod';

/**
 * What a lane process is started with: a file of mode 0600 in the home, because arguments can be seen by every user of the
 * machine and a route may hold a password.
 */
export const laneSpecSchema = z.strictObject({
  formatVersion: z.literal(1),
  lane: z.string().regex(/^[a-z0-9_-]{1,80}$/),
  symbols: z.array(z.string()).min(1),
  egress: z.string(),
  /** Statistics as JSON lines. */
  json: z.boolean(),
  config: z.record(z.string(), z.unknown()),
});

export interface LaneSpec {
  readonly formatVersion: 1;
  readonly lane: string;
  readonly symbols: readonly string[];
  readonly egress: string;
  readonly json: boolean;
  readonly config: Config;
}

/** @throws {z.ZodError} when the file is not what this program wrote */
export function parseLaneSpec(text: string): LaneSpec {
  const { config, ...spec } = laneSpecSchema.parse(JSON.parse(text));
  return { ...spec, config: configSchema.parse(config) };
}
