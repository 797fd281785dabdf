import { pino, type Logger } from 'pino';

const NAMES: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** Logs to stderr: a line for people on a terminal, JSON elsewhere. stdout belongs to reports. */
export function openLogger(options: { readonly debug: boolean; readonly isTty: boolean; readonly level?: string }): Logger {
  const settings = {
    base: null,
    level: options.debug ? 'debug' : (options.level ?? (options.isTty ? 'warn' : 'info')),
    redact: ['*.password', '*.proxyUrl'],
  };
  if (!options.isTty) return pino(settings, pino.destination({ fd: 2, sync: true }));
  return pino(settings, { write: (line: string) => void process.stderr.write(toLogLine(line)) });
}

/** `14:03:07 warn  session.closed lane=btc reason=…` */
export function toLogLine(json: string): string {
  const { level, time, msg, event, ...fields }: Record<string, unknown> = JSON.parse(json);
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${toText(value)}`);
  const clock = new Date(Number(time)).toISOString().slice(11, 19);
  return `${clock} ${(NAMES[Number(level)] ?? '').padEnd(5)} ${printable([typeof event === 'string' ? event : String(msg), ...rest].join(' '))}\n`;
}

const toText = (value: unknown): string => {
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toFixed(1);
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** No byte of a frame or name can move the cursor or recolour a terminal. */
export const printable = (text: string): string =>
  text.replaceAll(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
