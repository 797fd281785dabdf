import { exceptions } from './exceptions.ts';
import { quotedIdentifier, stringLiteral } from './literals.ts';

/** What a request needs of the session that runs it. */
export interface SessionState {
  readonly database: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The state of a session that was just opened. */
export const FRESH: SessionState = { database: 'default', settings: new Map(), parameters: new Map() };

/** How a session gets from one state to another. */
export interface Transition {
  /** The session must be replaced by a new one first: ClickHouse cannot undo what was set. */
  readonly reset: boolean;
  /** Statements to run, in order. */
  readonly statements: readonly string[];
}

const SETTING_NAME = /^[A-Za-z_][A-Za-z0-9_.]*$/;
const PARAMETER_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The statements that turn a session in state `from` into one in which `sql` sees exactly the state `to`.
 *
 * Only differences are set, so a client that repeats itself pays nothing. Nothing leaks: a setting of an earlier request goes
 * back to its default; `readonly`, and a parameter that `sql` might read but `to` does not define, force a reset.
 */
export function transition(from: SessionState, to: SessionState, sql: string): Transition {
  for (const name of to.settings.keys()) if (!SETTING_NAME.test(name)) throw exceptions.unknownSetting(name);
  const reset = mustReset(from, to, sql);
  const base = reset ? FRESH : from;
  const statements: string[] = [];
  if (base.database !== to.database) statements.push(`USE ${quotedIdentifier(to.database)}`);
  const assignments: string[] = [];
  for (const name of base.settings.keys()) if (!to.settings.has(name)) assignments.push(`${name} = DEFAULT`);
  for (const [name, value] of to.settings) {
    if (name !== 'readonly' && base.settings.get(name) !== value) assignments.push(`${name} = ${stringLiteral(value)}`);
  }
  for (const [name, value] of to.parameters) {
    if (!PARAMETER_NAME.test(name) || base.parameters.get(name) === value) continue;
    assignments.push(`param_${name} = ${stringLiteral(value)}`);
  }
  if (assignments.length > 0) statements.push(`SET ${assignments.join(', ')}`);
  const readonly = to.settings.get('readonly');
  if (readonly !== undefined && base.settings.get('readonly') !== readonly) {
    statements.push(`SET readonly = ${stringLiteral(readonly)}`);
  }
  return { reset, statements };
}

/** The state of a session after {@link transition}: parameters that were set stay set. */
export function stateAfter(from: SessionState, to: SessionState, reset: boolean): SessionState {
  return { ...to, parameters: new Map([...(reset ? [] : from.parameters), ...to.parameters]) };
}

/** True when a request in state `to` needs no statement on a session in state `from`. */
export function isPrepared(from: SessionState, to: SessionState, sql: string): boolean {
  const { reset, statements } = transition(from, to, sql);
  return !reset && statements.length === 0;
}

function mustReset(from: SessionState, to: SessionState, sql: string): boolean {
  if ((from.settings.get('readonly') ?? '0') !== '0' && !(from.database === to.database && sameMap(from.settings, to.settings))) {
    return true;
  }
  return sql.includes('{') && [...from.parameters.keys()].some((name) => !to.parameters.has(name));
}

const sameMap = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
