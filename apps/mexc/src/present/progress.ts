/** A progress line that overwrites itself on a terminal, and is silent elsewhere. */
export interface Progress extends Disposable {
  update(done: number, total: number, what: string): void;
}

const BAR_WIDTH = 24;
const MIN_INTERVAL_MS = 80;

export function openProgress(stream: NodeJS.WriteStream): Progress {
  let shown = false;
  let lastMs = 0;
  return {
    update: (done, total, what) => {
      const now = performance.now();
      if (!stream.isTTY || (now - lastMs < MIN_INTERVAL_MS && done < total)) return;
      lastMs = now;
      shown = true;
      const filled = total === 0 ? BAR_WIDTH : Math.round((done / total) * BAR_WIDTH);
      const line = `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${done}/${total} ${what}`;
      stream.write(`\r\u001b[K${line.slice(0, Math.max(20, (stream.columns || 80) - 1))}`);
    },
    [Symbol.dispose]: () => {
      if (shown) stream.write('\r\u001b[K');
      shown = false;
    },
  };
}
