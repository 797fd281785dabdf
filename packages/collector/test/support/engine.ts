import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, systemClock, type Store, type StoreAddress } from '@mexc-toolkit/core';
import { ensureEngine, nodeSpawner, stopEngine, type EngineAddress } from '@mexc-toolkit/engine';

/** A real daemon of ClickHouse in a home of its own; both end when it is disposed. */
export class TestEngine implements AsyncDisposable {
  readonly home: string;
  address: EngineAddress;

  private constructor(home: string, address: EngineAddress) {
    this.home = home;
    this.address = address;
  }

  static async open(): Promise<TestEngine> {
    const home = await mkdtemp(join(tmpdir(), 'mexc-lane-engine-'));
    return new TestEngine(home, await start(home));
  }

  /** Ends the daemon without a word, as a power cut does to the process. */
  kill(): void {
    process.kill(this.address.pid, 'SIGKILL');
  }

  /** Starts it again after `kill`. */
  async restart(): Promise<void> {
    this.address = await start(this.home);
  }

  openStore(database = `lane_${randomUUID().slice(0, 8)}`, address: StoreAddress = this.address): Store {
    return openStore({ ...address, database, requestTimeoutMs: 5000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopEngine(this.home, {
      clock: systemClock,
      signal: AbortSignal.timeout(30_000),
      kill: (pid, name) => process.kill(pid, name),
    });
    await rm(this.home, { recursive: true, force: true });
  }
}

const start = (home: string): Promise<EngineAddress> =>
  ensureEngine({
    home,
    spawnDetached: nodeSpawner({ execPath: process.execPath, env: process.env }),
    clock: systemClock,
    signal: AbortSignal.timeout(40_000),
  });
