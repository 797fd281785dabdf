/** `{"channel":"rs.sub.deal","data":"success","ts":…}`: no symbol, no id (docs/protocol.md §3). */
export const toAckFrame = (method: string, tsMs: number): string => `{"channel":"rs.${method}","data":"success","ts":${tsMs}}`;

/** An error takes the place of the ack; the socket stays open (docs/protocol.md §3). */
export const toErrorFrame = (text: string, tsMs: number): string =>
  `{"channel":"rs.error","data":${JSON.stringify(text)},"ts":${tsMs}}`;

/** The answer to the JSON ping (docs/protocol.md §2). */
export const toPongFrame = (tsMs: number): string => `{"channel":"pong","data":${tsMs},"ts":${tsMs}}`;

/** A numbered frame of an unknown channel, by which a recorder proves that it loses and reorders nothing. */
export const toCanaryFrame = (symbol: string, number: number, tsMs: number): string =>
  `{"symbol":"${symbol}","data":{"n":${number}},"channel":"push.canary","ts":${tsMs}}`;
