// ClickHouse's own export, in a chDB process of its own on the data of a home: `node outfile.ts <home> <runs>`.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from 'chdb';
import type { OutfileEvent } from './messages.ts';

const [home = '', runs = '1'] = process.argv.slice(2);
const path = join(home, 'outfile.parquet');
const session = new Session(join(home, 'engine', 'data'));
const durationsMs: number[] = [];
for (let run = 0; run < Number(runs); run += 1) {
  rmSync(path, { force: true });
  const startedMs = performance.now();
  await session.queryAsync(
    `SELECT ts, toString(mt) AS mt, m, ts_recv, seq FROM mexc.large ORDER BY seq INTO OUTFILE '${path}' FORMAT Parquet
     SETTINGS output_format_parquet_compression_method = 'zstd', output_format_parquet_row_group_size = 50000,
       output_format_parquet_write_bloom_filter = 0`,
  );
  durationsMs.push(performance.now() - startedMs);
}
session.close();
const event: OutfileEvent = { kind: 'written', durationsMs };
process.send?.(event);
