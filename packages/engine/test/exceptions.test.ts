import { describe, test } from 'vitest';
import { formatException, httpStatus, toServerException, withoutPath } from '../src/exceptions.ts';

describe('exceptions of chDB', () => {
  test('lose the layers that a server does not show', ({ expect }) => {
    const text =
      'Code: 73. DB::Exception: Code: 73. DB::Exception: Code: 73. DB::Exception: Unknown format Foo. (UNKNOWN_FORMAT) (version 26.7.2.1). (UNKNOWN_FORMAT) (version 26.7.2.1). (UNKNOWN_FORMAT)';
    const error = toServerException(new Error(text));
    expect(error).toMatchObject({ code: 73, type: 'UNKNOWN_FORMAT', message: 'Unknown format Foo' });
    expect(formatException(error, '26.7.2.1')).toBe(
      'Code: 73. DB::Exception: Unknown format Foo. (UNKNOWN_FORMAT) (version 26.7.2.1 (official build))\n',
    );
  });

  test('keep their text when it has brackets and several lines', ({ expect }) => {
    const error = toServerException(
      new Error('Code: 27. DB::Exception: Cannot parse: (at row 2)\n: \nRow 1:\n"a". (CANNOT_PARSE_INPUT_ASSERTION_FAILED)'),
    );
    expect(error).toMatchObject({
      code: 27,
      type: 'CANNOT_PARSE_INPUT_ASSERTION_FAILED',
      message: 'Cannot parse: (at row 2)\n: \nRow 1:\n"a"',
    });
  });

  test('become LOGICAL_ERROR when they are of another form', ({ expect }) => {
    expect(toServerException(new Error('boom'))).toMatchObject({ code: 49, type: 'LOGICAL_ERROR', message: 'boom' });
    expect(toServerException('boom')).toMatchObject({ code: 49 });
  });

  test('do not tell the path of a private file', ({ expect }) => {
    const error = toServerException(
      new Error(
        "Code: 33. DB::Exception: Cannot read: (in file/uri /h/tmp/1.body): FROM INFILE '/h/tmp/1.body'. (CANNOT_READ_ALL_DATA)",
      ),
    );
    expect(withoutPath(error, '/h/tmp/1.body').message).toBe("Cannot read: FROM INFILE 'data'");
  });

  test('have the HTTP status of ClickHouse', ({ expect }) => {
    expect([60, 62, 164, 194, 395, 516, 48, 159].map(httpStatus)).toEqual([404, 400, 500, 401, 500, 403, 501, 408]);
  });
});
