/** What the process of a rival tells the bench. */
export type RivalEvent = { readonly kind: 'done'; readonly atMs: number };

export interface VerifyEvent {
  readonly kind: 'verified';
  readonly verdict: string;
  /** Whether the table was compared. */
  readonly table: boolean;
  /** Without and with the table that the file was made from. */
  readonly fileMs: number;
  readonly wholeMs: number;
  readonly peakMb: number;
}

export interface OutfileEvent {
  readonly kind: 'written';
  readonly durationsMs: readonly number[];
}
