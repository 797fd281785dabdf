/** What is known of one channel of one symbol. Times are monotonic milliseconds. */
export interface ChannelActivity {
  /** Of the last frame, or of the subscription. */
  lastFrameMs: number;
  /** Frames of the symbol's other channels since this one's last frame. */
  othersSince: number;
}

/** What is known of one symbol's subscriptions. Bounded: it holds the channels that were asked for, and no others. */
export interface SymbolActivity {
  readonly channels: Map<string, ChannelActivity>;
  /** Of the last frame of any channel; undefined before the first. */
  lastFrameMs: number | undefined;
  subscribedMs: number;
}

/** A book with this many trades and tickers around it has changed (docs/protocol.md §4: depth is pushed on change). */
const OTHERS_THAT_PROVE_A_STALL = 50;

export const openActivity = (): SymbolActivity => ({ channels: new Map(), lastFrameMs: undefined, subscribedMs: 0 });

/** Notes that these commands, `sub.deal` and so on, were sent: from now on their channels should speak. */
export function noteSubscription(activity: SymbolActivity, methods: readonly string[], nowMs: number): void {
  activity.subscribedMs = nowMs;
  activity.channels.clear();
  for (const method of methods) activity.channels.set(method.replace(/^sub\./, 'push.'), { lastFrameMs: nowMs, othersSince: 0 });
}

/** Notes a frame of `channel`. */
export function noteActivity(activity: SymbolActivity, channel: string, nowMs: number): void {
  activity.lastFrameMs = nowMs;
  if (!activity.channels.has(channel)) return;
  for (const [name, known] of activity.channels) {
    if (name === channel) {
      known.lastFrameMs = nowMs;
      known.othersSince = 0;
    } else known.othersSince += 1;
  }
}

/**
 * Since when a symbol is stalled, undefined while it is not: no frame at all, not even the first one, or one of its books
 * silent while its other channels prove that it should not be. A quiet book is legitimate, so silence alone of one channel
 * is not enough.
 */
export function stalledSince(activity: SymbolActivity, nowMs: number, silenceMs: number): number | undefined {
  const lastSignMs = Math.max(activity.lastFrameMs ?? 0, activity.subscribedMs);
  if (nowMs - lastSignMs > silenceMs) return lastSignMs;
  const book = books(activity).find(
    (channel) => nowMs - channel.lastFrameMs > silenceMs && channel.othersSince >= OTHERS_THAT_PROVE_A_STALL,
  );
  return book?.lastFrameMs;
}

/** Whether the symbol and each of its books have spoken since the subscription. */
export const isRevived = (activity: SymbolActivity): boolean =>
  (activity.lastFrameMs ?? 0) > activity.subscribedMs &&
  books(activity).every(({ lastFrameMs }) => lastFrameMs > activity.subscribedMs);

const books = ({ channels }: SymbolActivity): ChannelActivity[] =>
  [...channels].filter(([channel]) => channel.startsWith('push.depth')).map(([, activity]) => activity);
