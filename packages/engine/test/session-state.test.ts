import { describe, test } from 'vitest';
import { FRESH, stateAfter, transition, type SessionState } from '../src/session-state.ts';

const state = (
  settings: Record<string, string> = {},
  parameters: Record<string, string> = {},
  database = 'default',
): SessionState => ({
  database,
  settings: new Map(Object.entries(settings)),
  parameters: new Map(Object.entries(parameters)),
});

describe('the way from one session state to another', () => {
  test('needs nothing when the state is the same', ({ expect }) => {
    const same = state({ max_threads: '1' }, { a: 'x' }, 'db');
    expect(transition(same, same, 'SELECT {a:String}')).toEqual({ reset: false, statements: [] });
  });

  test('sets what differs and undoes what is gone', ({ expect }) => {
    const { reset, statements } = transition(state({ a: '1', b: '2' }, {}, 'old'), state({ b: '3' }, {}, 'n`ew'), 'SELECT 1');
    expect(reset).toBe(false);
    expect(statements).toEqual(['USE `n\\`ew`', "SET a = DEFAULT, b = '3'"]);
  });

  test('quotes values so that they stay values', ({ expect }) => {
    const { statements } = transition(FRESH, state({ a: "1', readonly = '0" }, { p: "x\\t'; DROP" }), '{p:String}');
    expect(statements).toEqual(["SET a = '1\\', readonly = \\'0', param_p = 'x\\\\t\\'; DROP'"]);
  });

  test('refuses what is not the name of a setting', ({ expect }) => {
    expect(() => transition(FRESH, state({ 'a = 1, b': '2' }), 'SELECT 1')).toThrow(/Unknown setting/);
  });

  test('sets readonly last, and gets out of it only by a new session', ({ expect }) => {
    const readonly = state({ readonly: '1', max_threads: '1' });
    expect(transition(FRESH, readonly, 'SELECT 1').statements).toEqual(["SET max_threads = '1'", "SET readonly = '1'"]);
    expect(transition(readonly, readonly, 'SELECT 1')).toEqual({ reset: false, statements: [] });
    expect(transition(readonly, FRESH, 'SELECT 1')).toEqual({ reset: true, statements: [] });
  });

  test('takes a new session when the query could see a parameter of an earlier one', ({ expect }) => {
    const used = stateAfter(FRESH, state({}, { a: '1' }), false);
    expect(transition(used, FRESH, 'SELECT 1').reset).toBe(false);
    expect(transition(used, FRESH, 'SELECT {a:String}').reset).toBe(true);
    expect(transition(used, state({}, { a: '2' }), 'SELECT {a:String}')).toEqual({
      reset: false,
      statements: ["SET param_a = '2'"],
    });
    const later = stateAfter(used, state({}, { b: '1' }), false);
    expect([...later.parameters.keys()]).toEqual(['a', 'b']);
  });
});
