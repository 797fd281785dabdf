import type { Figure } from './report.ts';

/** One topic. Leaves no process and no file behind. */
export type Measure = (options: {
  /** Smaller counts and fewer runs. */
  readonly quick: boolean;
  /** Says what goes on now, for a person who waits. */
  readonly note: (text: string) => void;
}) => Promise<readonly Figure[]>;
