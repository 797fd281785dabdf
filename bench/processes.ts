import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Linux: clock ticks a second of /proc. */
const TICKS_PER_SECOND = 100;

/** CPU time of a process with all its threads, microseconds. Resolution 10 ms. */
export function cpuUs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1e6;
}

/** Resident memory of a process in MB (10^6 bytes), now and at its highest since {@link forgetPeak}. */
export function memoryMb(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  return { now: (kib('VmRSS') * 1024) / 1e6, peak: (kib('VmHWM') * 1024) / 1e6 };
}

/** A process of this directory that talks over Node's IPC. */
export interface Peer<Command, Event extends { readonly kind: string }> extends AsyncDisposable {
  readonly pid: number;
  send(command: Command): void;
  /** The next event of this kind; events are kept until they are asked for. */
  next<Kind extends Event['kind']>(kind: Kind, timeoutMs?: number): Promise<Extract<Event, { kind: Kind }>>;
}

const TIMEOUT_MS = 180_000;

/** Starts `file` (relative to bench/) with the same Node. It ends when this process does. */
export function openPeer<Command, Event extends { readonly kind: string }>(
  file: string,
  args: readonly string[] = [],
): Peer<Command, Event> {
  const child: ChildProcess = fork(fileURLToPath(new URL(file, import.meta.url)), [...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const events: Event[] = [];
  let wake = Promise.withResolvers<void>();
  child.on('message', (event: Event) => {
    events.push(event);
    wake.resolve();
    wake = Promise.withResolvers();
  });
  const exited = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    send: (command) => void child.send(command as object),
    next: async (kind, timeoutMs = TIMEOUT_MS) => {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const index = events.findIndex((event) => event.kind === kind);
        if (index >= 0) return events.splice(index, 1)[0] as never;
        const ended = child.exitCode ?? child.signalCode;
        if (ended !== null) throw new Error(`${file} ended with ${ended} before it said ${kind}`);
        if (performance.now() > deadline) throw new Error(`${file} did not say ${kind} within ${timeoutMs} ms`);
        await Promise.race([wake.promise, exited, sleep(1000)]);
      }
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await exited;
      }
    },
  };
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Polls until `probe` gives something. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  options: { readonly everyMs: number; readonly timeoutMs: number },
): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${options.timeoutMs} ms`);
    await sleep(options.everyMs);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Ends a process by its pid: asks, waits, insists. */
export async function endProcess(pid: number, patienceMs: number): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, 'SIGTERM');
  const deadline = performance.now() + patienceMs;
  while (isAlive(pid) && performance.now() < deadline) await sleep(20);
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
}
