// Verifies a file, alone and against its table: `node verify.ts <home> <file> <table>`. A process of its own, for its peak memory.
import { openStore, parseSymbol, systemClock } from '@mexc-toolkit/core';
import { readEngineAddress } from '@mexc-toolkit/engine';
import { verifyEpoch } from '@mexc-toolkit/verifier';
import { memoryMb } from '../processes.ts';
import type { VerifyEvent } from './messages.ts';

const [home = '', path = '', table = ''] = process.argv.slice(2);
const address = readEngineAddress(home);
if (!address) throw new Error('no engine runs in this home');
await using store = openStore({ ...address, database: 'mexc' });
const shared = { path, symbol: parseSymbol('BTC_USDT'), clock: systemClock, signal: AbortSignal.timeout(300_000) };
const file = await verifyEpoch(shared);
const whole = await verifyEpoch({ ...shared, table: { store, table } });
const event: VerifyEvent = {
  kind: 'verified',
  verdict: whole.verdict,
  table: whole.table !== null,
  fileMs: file.durationMs,
  wholeMs: whole.durationMs,
  peakMb: memoryMb(process.pid).peak,
};
process.send?.(event);
