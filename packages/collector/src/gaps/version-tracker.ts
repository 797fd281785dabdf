/** A hole in the versions of `push.depth`: the venue sent `after`, then `before`. */
export interface VersionGap {
  readonly afterVersion: number;
  readonly beforeVersion: number;
  /** Microseconds: ts_recv of the frames on both sides. */
  readonly startedUs: number;
  readonly endedUs: number;
}

/**
 * Continuity of `sub.depth` of one symbol within one session: merged frames go on at `previousEnd + 1`, unmerged ones have
 * begin = end = version (docs/protocol.md §5.2). A frame that repeats or lies behind is no gap.
 */
export class VersionTracker {
  #end: number | undefined;
  #lastUs = 0;

  /** A new session: what came between is an outage, not a version gap. */
  reset(): void {
    this.#end = undefined;
  }

  note(versions: { readonly begin: number; readonly end: number }, tsRecvUs: number): VersionGap | undefined {
    const previous = this.#end;
    const startedUs = this.#lastUs;
    this.#end = Math.max(previous ?? 0, versions.end);
    this.#lastUs = tsRecvUs;
    if (previous === undefined || versions.begin <= previous + 1) return undefined;
    return { afterVersion: previous, beforeVersion: versions.begin, startedUs, endedUs: tsRecvUs };
  }
}
