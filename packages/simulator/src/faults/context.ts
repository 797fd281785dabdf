import { CaptureError } from '@mexc-toolkit/core';
import type { Exchange } from '../exchange.ts';
import type { Feed } from '../feed.ts';
import type { Gate } from '../gate.ts';
import type { Session } from '../session.ts';
import type { RequestFields } from '../request-fields.ts';

/** What faults act on. */
export interface FaultContext {
  readonly exchange: Exchange;
  readonly gate: Gate;
}

/** Reads its fields and returns the deed, which returns how many sessions it hit. Nothing happens before every field is known to be right. */
export type FaultEntry = (fields: RequestFields, context: FaultContext) => () => number;

/** @throws {CaptureError} `USAGE_INVALID` for a symbol that this exchange never listed. */
export function takeFeed(fields: RequestFields, { exchange }: FaultContext): Feed {
  const symbol = fields.text('symbol');
  const feed = exchange.feeds.get(symbol.toUpperCase());
  if (!feed) throw new CaptureError('USAGE_INVALID', `the simulator does not list ${symbol}`);
  return feed;
}

/** Open sessions that the fields name: see `Target`. */
export function takeSessions(fields: RequestFields, context: FaultContext): Session[] {
  const id = fields.optionalInteger('session', { min: 1, max: Number.MAX_SAFE_INTEGER });
  const symbol = fields.optionalText('symbol');
  const feed = symbol === undefined ? undefined : context.exchange.feeds.get(symbol.toUpperCase());
  if (symbol !== undefined && !feed) throw new CaptureError('USAGE_INVALID', `the simulator does not list ${symbol}`);
  const sessions = feed ? feed.streams.allSessions() : context.exchange.sessions.open();
  return sessions.filter((session) => session.isOpen && (id === undefined || session.id === id));
}

/** `ms`, at most a day. */
export const MS_RANGE = { min: 1, max: 86_400_000 };
