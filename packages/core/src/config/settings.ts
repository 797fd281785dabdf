import { z } from 'zod';
import { configSchema } from './schema.ts';

/** One leaf of the configuration. */
export interface Setting {
  /** `spool.commitBytes` */
  readonly path: string;
  /** `MEXC_SPOOL_COMMIT_BYTES`, or the short name. */
  readonly env: string;
  readonly description: string;
  readonly secret: boolean;
  readonly default: unknown;
  /** JSON types that it takes: `string`, `integer`, `boolean`, `array`, `object`. */
  readonly types: readonly string[];
}

const node = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  description: z.string().optional(),
  env: z.string().optional(),
  secret: z.boolean().optional(),
  default: z.unknown().optional(),
  type: z.string().optional(),
  anyOf: z.array(z.looseObject({ type: z.string().optional() })).optional(),
});

/** Every setting, read from the schema, so that none can be forgotten. */
export function listSettings(): Setting[] {
  return walk(z.toJSONSchema(configSchema, { io: 'input' }), []);
}

function walk(value: unknown, path: readonly string[]): Setting[] {
  const schema = node.parse(value);
  if (schema.properties && schema.description === undefined) {
    return Object.entries(schema.properties).flatMap(([key, child]) => walk(child, [...path, key]));
  }
  const name = path.map((part) => part.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()).join('_');
  return [
    {
      path: path.join('.'),
      env: schema.env ?? `MEXC_${name}`,
      description: schema.description ?? '',
      secret: schema.secret ?? false,
      default: schema.default,
      types: [schema, ...(schema.anyOf ?? [])].flatMap(({ type }) => type ?? []),
    },
  ];
}
