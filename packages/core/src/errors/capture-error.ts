import { ERROR_CODES, EXIT_STATUS, type Category, type ErrorCode, type Retry } from './codes.ts';

const brand = Symbol.for('@mexc-toolkit/CaptureError');

/** Scalars only, and no secrets: the context is logged and printed by `--json`. */
export type ErrorContext = Readonly<Record<string, string | number | boolean>>;

/** The only error class that leaves a package. Branch on `code`, never on the message. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  readonly [brand] = true;
  readonly code: ErrorCode;
  readonly context: ErrorContext;

  constructor(code: ErrorCode, message: string, options: { context?: ErrorContext; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.context = options.context ?? {};
  }

  /** Also true for an error made by a second copy of this package, unlike `instanceof`. */
  static is(value: unknown, code?: ErrorCode): value is CaptureError {
    return value instanceof Error && brand in value && 'code' in value && (code === undefined || value.code === code);
  }

  get category(): Category {
    return ERROR_CODES[this.code].category;
  }
  get retry(): Retry {
    return ERROR_CODES[this.code].retry;
  }
  get hint(): string {
    return ERROR_CODES[this.code].hint;
  }
  get exitStatus(): number {
    return EXIT_STATUS[this.category];
  }
  toJSON(): object {
    const { code, category, retry, message, hint, context } = this;
    return { code, category, retry, message, hint, context };
  }
}
