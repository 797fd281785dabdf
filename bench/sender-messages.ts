import type { Channel } from './frames.ts';

/** What the bench asks of the sender. */
export type SenderCommand =
  | { readonly kind: 'flood'; readonly count: number; readonly forMs?: number }
  | { readonly kind: 'pace'; readonly count: number; readonly perSecond: number };

/** What the sender tells. Times are Unix milliseconds of this machine's one clock. */
export type SenderEvent =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'subscribed'; readonly channels: readonly Channel[] }
  | {
      readonly kind: 'sent';
      readonly sent: number;
      readonly meanBytes: number;
      readonly startMs: number;
      readonly endMs: number;
    };
