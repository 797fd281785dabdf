import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as yaml from 'yaml';
import { CaptureError } from '../errors/capture-error.ts';
import { configSchema, type Config } from './schema.ts';
import { listSettings } from './settings.ts';

export type ConfigOrigin = 'flag' | 'env' | 'file' | 'default';

export interface LoadedConfig {
  readonly config: Config;
  /** Where each setting comes from, by path. */
  readonly origins: ReadonlyMap<string, ConfigOrigin>;
  /** The file that was read, if any. */
  readonly file: string | undefined;
}

export interface ConfigSources {
  /** Settings named by flags, by path; undefined ones are not set. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Must exist when `required`. */
  readonly file: { readonly path: string; readonly required: boolean };
}

/** Loaded when there is a file to parse: a lane imports this package too, and is given its configuration ready. */
const loadYaml = (): typeof yaml => createRequire(import.meta.url)('yaml');

/**
 * Flag > environment > file > default. All problems of all sources are reported at once.
 *
 * @throws {CaptureError} `CONFIG_INVALID`, `CONFIG_UNREADABLE`
 */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const problems: string[] = [];
  const origins = new Map<string, ConfigOrigin>();
  const fromFile = readFile(sources.file, problems);
  const merged = fromFile.value;
  for (const { path, env, types } of listSettings()) {
    const parts = path.split('.');
    if (getAt(merged, parts) !== undefined) origins.set(path, 'file');
    const text = sources.env[env];
    if (text !== undefined && text !== '') {
      setAt(merged, parts, toValue(types, text));
      origins.set(path, 'env');
    }
    const flag = sources.flags[path];
    if (flag !== undefined) {
      setAt(merged, parts, flag);
      origins.set(path, 'flag');
    }
    if (!origins.has(path)) origins.set(path, 'default');
  }
  const parsed = configSchema.safeParse(merged);
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => describe(issue, origins, fromFile.file)));
  if (!parsed.success || problems.length > 0) {
    throw new CaptureError(
      'CONFIG_INVALID',
      `${problems.length} problem${problems.length === 1 ? '' : 's'} in the configuration:\n${problems.map((line) => `  ${line}`).join('\n')}`,
      {
        context: { problems: problems.length },
      },
    );
  }
  return { config: parsed.data, origins, file: fromFile.file };
}

type Tree = Record<string, unknown>;

function readFile(source: ConfigSources['file'], problems: string[]): { value: Tree; file: string | undefined } {
  let text: string;
  try {
    text = readFileSync(source.path, 'utf8');
  } catch (cause) {
    if (!source.required && cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      return { value: {}, file: undefined };
    throw new CaptureError('CONFIG_UNREADABLE', `cannot read the configuration file ${source.path}`, {
      cause,
      context: { path: source.path },
    });
  }
  try {
    const value: unknown = loadYaml().parse(text);
    if (value === null || value === undefined) return { value: {}, file: source.path };
    if (isTree(value)) return { value, file: source.path };
    problems.push(`${source.path}: expected keys and values at the top`);
  } catch (error) {
    const where = error instanceof loadYaml().YAMLParseError && error.linePos ? ` line ${error.linePos[0].line}` : '';
    problems.push(
      `${source.path}${where}: not YAML: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`,
    );
  }
  return { value: {}, file: source.path };
}

/**
 * Environment variables are text; what they become depends on what the setting takes. Lists are split at commas, maps are
 * written `key=value,key=value`. Text that fits no type stays text, for the schema to refuse.
 */
function toValue(types: readonly string[], text: string): unknown {
  const parts = text.split(',').flatMap((part) => part.trim() || []);
  if (types.includes('array')) return parts;
  if (types.includes('object'))
    return parts.every((part) => part.indexOf('=') > 0) ? Object.fromEntries(parts.map(toPair)) : text;
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return types.includes('integer') && /^-?\d+$/.test(text) ? Number(text) : text;
}

const toPair = (part: string): [string, string] => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)];

function describe(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string },
  origins: ReadonlyMap<string, ConfigOrigin>,
  file: string | undefined,
): string {
  const path = issue.path.join('.');
  // An issue may lie inside a setting: `symbols.0`.
  const setting = listSettings().find((candidate) => path === candidate.path || path.startsWith(`${candidate.path}.`));
  const origin = origins.get(setting?.path ?? path);
  const where = origin === 'env' ? ` (from ${setting?.env})` : origin === 'flag' ? ' (from a flag)' : file ? ` (in ${file})` : '';
  return `${path || 'configuration'}: ${issue.message}${where}`;
}

function getAt(tree: Tree, path: readonly string[]): unknown {
  let value: unknown = tree;
  for (const part of path) value = isTree(value) ? value[part] : undefined;
  return value;
}

function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const child = tree[head];
  const next: Tree = isTree(child) ? child : {};
  tree[head] = next;
  setAt(next, rest, value);
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
