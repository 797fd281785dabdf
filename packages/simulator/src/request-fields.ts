import { CaptureError } from '@mexc-toolkit/core';

interface Range {
  readonly min: number;
  readonly max: number;
}

/** Reads a request's fields one by one, with an error that names the field. */
export class RequestFields {
  readonly #what: string;
  readonly #values: Map<string, unknown>;

  constructor(what: string, values: object) {
    this.#what = what;
    this.#values = new Map<string, unknown>(Object.entries(values));
  }

  has(name: string): boolean {
    return this.#values.get(name) !== undefined;
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.#fail(name, 'a text');
  }

  optionalText(name: string): string | undefined {
    const value = this.#take(name);
    if (value === undefined || typeof value === 'string') return value;
    return this.#fail(name, 'a text');
  }

  number(name: string, range: Range): number {
    return this.optionalNumber(name, range) ?? this.#fail(name, 'a number');
  }

  optionalNumber(name: string, range: Range): number | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value >= range.min && value <= range.max) return value;
    return this.#fail(name, `a number from ${range.min} to ${range.max}`);
  }

  optionalInteger(name: string, range: Range): number | undefined {
    const value = this.optionalNumber(name, range);
    if (value === undefined || Number.isInteger(value)) return value;
    return this.#fail(name, 'a whole number');
  }

  integer(name: string, range: Range): number {
    return this.optionalInteger(name, range) ?? this.#fail(name, 'a whole number');
  }

  optionalFlag(name: string): boolean | undefined {
    const value = this.#take(name);
    if (value === undefined || typeof value === 'boolean') return value;
    return this.#fail(name, 'true or false');
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.#take(name);
    return choices.find((choice) => choice === value) ?? this.#fail(name, `one of ${choices.join(', ')}`);
  }

  /** @throws {CaptureError} `USAGE_INVALID` when a field was given that nobody read. */
  end(): void {
    const [unknown] = this.#values.keys();
    if (unknown !== undefined) this.#fail(unknown, 'absent: it has no meaning here');
  }

  #take(name: string): unknown {
    const value = this.#values.get(name);
    this.#values.delete(name);
    return value ?? undefined;
  }

  #fail(name: string, expected: string): never {
    throw new CaptureError('USAGE_INVALID', `${this.#what}: field "${name}" must be ${expected}`);
  }
}
