import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { listLiveLanes, readLaneStatus, stopLanes, type LaneStatus } from '@mexc-toolkit/collector';
import { CaptureError, parseSymbol, toBase, toEpochName, type ContractSymbol } from '@mexc-toolkit/core';
import { openSimulator, type Simulator } from '@mexc-toolkit/simulator';
import { auditExports } from '@mexc-toolkit/verifier';
import { finishPending } from '../archive/archive.ts';
import { nextBoundaryUs, rotateSymbols } from '../archive/rotate-symbols.ts';
import type { AppContext } from '../context.ts';
import { toExportPlan } from '../flags.ts';
import { laneProgram } from '../fleet/lane-program.ts';
import { startDetached } from '../fleet/start-detached.ts';
import { toLaneSpecs } from '../fleet/to-lane-specs.ts';
import { isLaneStatus } from './lane-status.ts';
import type { DemoReport, SymbolProof } from './demo-report.ts';
import { stopHomeEngine } from '../fleet/stop-home-engine.ts';

export interface DemoOptions {
  readonly symbols: readonly string[];
  readonly rate: number;
  /** How long each of the three stretches between rotations takes, milliseconds. */
  readonly stretchMs: number;
  /** A context whose home and export directory are the demo's own. */
  readonly open: (settings: Readonly<Record<string, unknown>>) => Promise<AppContext>;
  readonly onStep: (text: string) => void;
}

const DRAIN_TIMEOUT_MS = 60_000;
const SETTLE_TIMEOUT_MS = 20_000;

/**
 * The whole job on loopback: a simulated exchange, one lane a symbol with a source address of its own, two rotations under
 * load, exports, proofs. Leaves its files and nothing running.
 */
export async function runDemo(options: DemoOptions): Promise<DemoReport> {
  const { onStep } = options;
  const symbols = options.symbols.map(parseSymbol);
  await using simulator = await openSimulator({ symbols, rate: options.rate });
  await using context = await options.open({
    'venue.wsUrl': simulator.wsUrl,
    'venue.restUrl': simulator.restUrl,
    'venue.ipEchoUrl': `${simulator.restUrl}/ip`,
  });
  const { clock } = context;
  const startedMs = clock.monotonic();
  await clearEarlierRun(context);
  try {
    onStep(`simulated exchange at ${simulator.wsUrl}, ${options.rate} frames/s; starting ClickHouse (embedded)`);
    await context.store();
    onStep(`starting ${symbols.length} lanes, each its own process and source address`);
    await startLanes(symbols, context);
    const rotations = [];
    for (const turn of [1, 2]) {
      onStep(`recording; rotation ${turn} of 2 in ${options.stretchMs / 1000} s`);
      await clock.sleep(options.stretchMs, context.signal);
      rotations.push(...(await rotateSymbols(symbols, nextBoundaryUs(clock.now()), context)));
    }
    onStep('recording on after the rotations');
    await clock.sleep(options.stretchMs, context.signal);
    simulator.pause();
    onStep('market paused; draining the lanes');
    await untilReceived(symbols, simulator, context);
    await stopAllLanes(context);
    onStep('last rotation, export, verification, drop');
    await rotateSymbols(symbols, nextBoundaryUs(clock.now()), context);
    const plan = toExportPlan({}, context.config, { startUs: undefined, verify: true });
    const exports = await finishPending(symbols, plan, context);
    onStep('auditing all files anew');
    const audit = await auditExports({
      exportDir: context.exportDir,
      store: await context.store(),
      clock,
      signal: context.signal,
    });
    const statuses = await readStatuses(symbols, context);
    const proofs = await Promise.all(
      symbols.map((symbol) => prove(symbol, { simulator, context, status: statuses.get(symbol), exports })),
    );
    const sum = (of: (proof: SymbolProof) => number): number => proofs.reduce((total, proof) => total + of(proof), 0);
    return {
      lanes: symbols.map((symbol) => toLane(symbol, statuses.get(symbol))),
      sent: sum((proof) => proof.sent),
      stored: sum((proof) => proof.exported),
      lost: sum((proof) => proof.lost),
      duplicated: sum((proof) => proof.duplicated),
      proofs,
      rotations: rotations.map(({ symbol, epoch, report }) => ({
        symbol,
        start: toEpochName(epoch.startUs),
        end: toEpochName(epoch.endUs),
        heldMs: report?.heldMs ?? 0,
        bufferedRows: report?.bufferedRows ?? 0,
        arrivedDuringHold: report?.arrivedDuringHold ?? 0,
      })),
      exports: exports.map(({ symbol, path, manifest, rows, bytes, sha256, digest, verdict }) => ({
        symbol,
        path,
        manifest,
        rows,
        bytes,
        sha256,
        digest,
        verdict,
      })),
      audit: audit.verdict,
      durationMs: clock.monotonic() - startedMs,
    };
  } finally {
    await stopAllLanes(context);
    await stopHomeEngine(context, AbortSignal.timeout(DRAIN_TIMEOUT_MS));
  }
}

/** Only what an earlier demo made: home and export directory are the demo's own. */
async function clearEarlierRun(context: AppContext): Promise<void> {
  await stopAllLanes(context);
  await stopHomeEngine(context);
  await rm(context.config.home, { recursive: true, force: true });
  await rm(context.exportDir, { recursive: true, force: true });
}

async function startLanes(symbols: readonly ContractSymbol[], context: AppContext): Promise<void> {
  const specs = symbols.flatMap((symbol, index) =>
    toLaneSpecs({ symbols: [symbol], oneLane: false, egress: `bind:127.0.0.${11 + index}`, json: true }, context.config),
  );
  await Promise.all(
    specs.map((spec) =>
      startDetached(spec, { paths: context.paths, clock: context.clock, program: laneProgram, isAlive: () => true }),
    ),
  );
}

async function stopAllLanes(context: AppContext): Promise<void> {
  const { paths, clock } = context;
  const lanes = await listLiveLanes(paths);
  await stopLanes(lanes, { paths, clock, kill: (pid) => void process.kill(pid, 'SIGTERM'), timeoutMs: DRAIN_TIMEOUT_MS });
}

/** Waits until the lanes have everything that was sent: what is still under way arrives within milliseconds on loopback. */
async function untilReceived(symbols: readonly ContractSymbol[], simulator: Simulator, context: AppContext): Promise<void> {
  const deadline = context.clock.monotonic() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const statuses = await readStatuses(symbols, context);
    const isDone = symbols.every((symbol) => (statuses.get(symbol)?.rows ?? 0) >= sentOf(simulator, symbol));
    if (isDone || context.clock.monotonic() > deadline) return; // a loss is then seen in the table
    await context.clock.sleep(100, context.signal);
  }
}

const sentOf = (simulator: Simulator, symbol: ContractSymbol): number => simulator.journal().symbols[symbol]?.frames ?? 0;

async function readStatuses(symbols: readonly ContractSymbol[], context: AppContext): Promise<Map<ContractSymbol, LaneStatus>> {
  const statuses = new Map<ContractSymbol, LaneStatus>();
  for (const symbol of symbols) {
    const status = await readLaneStatus(context.paths, toBase(symbol));
    if (isLaneStatus(status)) statuses.set(symbol, status);
  }
  return statuses;
}

function toLane(symbol: ContractSymbol, status: LaneStatus | undefined): DemoReport['lanes'][number] {
  const counts = status?.symbols[0]?.counts ?? { t: 0, d: 0, dp: 0, dl: 0 };
  return { symbol, egress: status?.route ?? '', exitIp: status?.exitIp ?? null, rows: status?.rows ?? 0, ...counts };
}

interface ProofSource {
  readonly simulator: Simulator;
  readonly context: AppContext;
  readonly status: LaneStatus | undefined;
  readonly exports: readonly { readonly symbol: ContractSymbol; readonly rows: number }[];
}

/** Compares what the exchange sent with what the files hold, frame for frame, by a digest that neither side could fake. */
async function prove(symbol: ContractSymbol, { simulator, context, status, exports }: ProofSource): Promise<SymbolProof> {
  const journal = simulator.journal().symbols[symbol];
  const store = await context.store();
  const files = join(context.exportDir, `symbol=${symbol}`, '**', '*.parquet');
  const [row] = await store.query(
    'SELECT count() AS n, uniqExact(seq) AS seqs, sum(xxHash64(m)) AS digest FROM file({files:String}, Parquet)',
    { params: { files } },
  );
  if (!journal || !row) throw new CaptureError('SIMULATOR_FAILED', `the exchange sent nothing for ${symbol}`);
  const stored = Number(row['n']);
  const own = status?.symbols[0];
  return {
    symbol,
    sent: journal.frames,
    received: own?.rows ?? 0,
    spooled: own?.lastSeq ?? 0,
    inserted: own?.insertedSeq ?? 0,
    exported: exports.filter((file) => file.symbol === symbol).reduce((rows, file) => rows + file.rows, 0),
    lost: Math.max(0, journal.frames - Number(row['seqs'])),
    duplicated: stored - Number(row['seqs']) + Math.max(0, Number(row['seqs']) - journal.frames),
    sameBytes: String(row['digest']) === journal.digest && stored === journal.frames,
  };
}
