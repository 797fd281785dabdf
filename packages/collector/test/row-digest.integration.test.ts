import {
  createDatabase,
  createRowTable,
  insertPayloads,
  listRowTables,
  loadRowDigest,
  MESSAGE_TYPES,
  parseSymbol,
  readTableFacts,
  rowBytes,
  toBase,
  writeRow,
  type Row,
} from '@mexc-toolkit/core';
import { test } from 'vitest';
import { TestEngine } from './support/engine.ts';

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const MESSAGES: readonly Buffer[] = [
  Buffer.alloc(0),
  ALL_BYTES,
  Buffer.from('a|b||\t\n\\N\\\'"`'),
  Buffer.from('\u0000\u0000'),
  Buffer.from('😀 ВТС 中文 \ufeff\u2028'),
  Buffer.from('{"p":0.080100,"v":9.75E+4}'),
  ...[127, 128, 16_383, 16_384, 2_000_000].map((length) => Buffer.alloc(length, ALL_BYTES)),
];

test('the digest of rows is the same number here and in ClickHouse, for any bytes, and so are count and bounds', async ({
  expect,
}) => {
  await using engine = await TestEngine.open();
  await using store = engine.openStore();
  await createDatabase(store);
  await createRowTable(store, 'btc_current');
  const rows = MESSAGES.map((m, index): Row => ({
    tsMs: index === 0 ? 0 : 10_413_791_999_999 - index,
    mt: MESSAGE_TYPES[index % 4]!,
    m,
    tsRecvUs: 1_790_000_000_000_000 + index,
    seq: index + 1,
  }));
  rows.push({ tsMs: 1, mt: 't', m: Buffer.from('x'), tsRecvUs: 1_790_000_000_000_100, seq: Number.MAX_SAFE_INTEGER });
  const payload = Buffer.alloc(rows.reduce((sum, { m }) => sum + rowBytes(m.length), 0));
  rows.reduce((offset, row) => writeRow(payload, offset, row), 0);
  await insertPayloads(store, 'btc_current', { payloads: [payload], queryId: 'digest' });
  const digest = (await loadRowDigest())();
  for (const row of rows) digest.add(row);
  expect(await readTableFacts(store, 'btc_current')).toEqual({
    rows: rows.length,
    firstSeq: 1,
    lastSeq: Number.MAX_SAFE_INTEGER,
    distinctSeqs: rows.length,
    rowsByType: { t: 4, d: 3, dp: 3, dl: 2 },
    minTsMs: 0,
    maxTsMs: 10_413_791_999_998,
    minTsRecvUs: 1_790_000_000_000_000,
    maxTsRecvUs: 1_790_000_000_000_100,
    digest: digest.value(),
  });
  for (const table of [
    'btc_previous',
    'btc_previous_20261122T130000Z',
    'btc_previous_20261122T130000_000007Z',
    'btc_previous_current',
    'btc_next',
    'btcx_previous',
  ])
    await createRowTable(store, table);
  expect(await listRowTables(store, toBase(parseSymbol('BTC_USDT')))).toEqual([
    'btc_current',
    'btc_previous',
    'btc_previous_20261122T130000Z',
    'btc_previous_20261122T130000_000007Z',
  ]);
});

test('a statement that is aborted fails with the reason of its signal, also when it aborted before', async ({ expect }) => {
  await using engine = await TestEngine.open();
  await using store = engine.openStore();
  await expect(store.query('SELECT 1', { signal: AbortSignal.abort() })).rejects.toThrow(
    expect.objectContaining({ name: 'AbortError' }),
  );
  const stop = new AbortController();
  const slow = store.query('SELECT sleep(3)', { signal: stop.signal });
  stop.abort();
  await expect(slow).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
});
