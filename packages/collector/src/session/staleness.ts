/** What is known of one channel of one symbol. Times are monotonic milliseconds. */
export interface ChannelActivity {
  lastFrameMs: number;
  /** Frames of the symbol's other channels since this one's last frame. */
  othersSince: number;
}

/** A book with this many trades and tickers around it has changed (mexc-protocol §4: depth is pushed on change). */
const OTHERS_THAT_PROVE_A_STALL = 50;

/**
 * Whether a symbol is stalled: all its channels silent, or one silent while the others prove that it should not be. A quiet
 * book is legitimate, so silence alone of one channel is not enough.
 */
export function isStalled(channels: ReadonlyMap<string, ChannelActivity>, nowMs: number, silenceMs: number): boolean {
  const activities = [...channels.entries()];
  if (activities.length === 0) return false;
  const isSilent = ({ lastFrameMs }: ChannelActivity): boolean => nowMs - lastFrameMs > silenceMs;
  if (activities.every(([, activity]) => isSilent(activity))) return true;
  return activities.some(
    ([channel, activity]) =>
      channel.startsWith('push.depth') && isSilent(activity) && activity.othersSince >= OTHERS_THAT_PROVE_A_STALL,
  );
}

/** Notes a frame of `channel`. */
export function noteActivity(channels: Map<string, ChannelActivity>, channel: string, nowMs: number): void {
  for (const [name, activity] of channels) {
    if (name === channel) {
      activity.lastFrameMs = nowMs;
      activity.othersSince = 0;
    } else activity.othersSince += 1;
  }
  if (!channels.has(channel)) channels.set(channel, { lastFrameMs: nowMs, othersSince: 0 });
}
