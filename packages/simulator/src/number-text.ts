import type { Random } from './random.ts';

/**
 * How a number literal is written. All styles of one number have the same value; the venue mixes them
 * (docs/protocol.md §2), so a recorder may compare prices by value only.
 *
 * `plain` 84062.6 · `fixed` exactly `scale` decimals, -0.0270 · `padded` one zero more, 84062.60 ·
 * `exponent` 8.40626E+4 · `long` a tail of zeros up to 33 decimals.
 */
export type NumberStyle = 'plain' | 'fixed' | 'padded' | 'exponent' | 'long';

const LONG_DECIMALS = 33;

/** Writes `units / 10^scale` as a JSON number literal. `units` is a safe integer, `scale` ≥ 0. */
export function toNumberText(units: number, scale: number, style: NumberStyle = 'plain'): string {
  const sign = units < 0 ? '-' : '';
  const digits = String(Math.abs(units)).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale);
  switch (style) {
    case 'plain':
      return sign + joinParts(whole, trimZeros(fraction));
    case 'fixed':
      return sign + joinParts(whole, fraction);
    case 'padded':
      return sign + joinParts(whole, `${fraction}0`);
    case 'long':
      return sign + joinParts(whole, fraction.padEnd(LONG_DECIMALS, '0'));
    case 'exponent':
      return sign + toExponentText(whole + fraction, scale);
  }
}

/** The mix of styles seen on the wire: mostly plain, some padded, a few exponents and long tails. */
export function pickStyle(random: Random): NumberStyle {
  const roll = random.next();
  if (roll < 0.9) return 'plain';
  if (roll < 0.985) return 'padded';
  return roll < 0.998 ? 'exponent' : 'long';
}

/** Rounds `value` to `scale` decimals and writes it. For derived numbers (turnover, index), not for prices on the tick grid. */
export function toDecimalText(value: number, scale: number, style: NumberStyle = 'plain'): string {
  return toNumberText(Math.round(value * 10 ** scale), scale, style);
}

const joinParts = (whole: string, fraction: string): string => (fraction === '' ? whole : `${whole}.${fraction}`);

function trimZeros(fraction: string): string {
  let end = fraction.length;
  while (end > 0 && fraction.charCodeAt(end - 1) === 48) end -= 1;
  return fraction.slice(0, end);
}

function toExponentText(digits: string, scale: number): string {
  const significant = trimZeros(digits.replace(/^0+/, ''));
  if (significant === '') return '0';
  const exponent = digits.replace(/^0+/, '').length - 1 - scale;
  const mantissa = joinParts(significant.slice(0, 1), significant.slice(1));
  return `${mantissa}E${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}
