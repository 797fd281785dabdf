import { Writable } from 'node:stream';
import { Telemetry } from '@mexc-toolkit/core';
import { pino } from 'pino';

/** What a lane reported, oldest first. */
export interface Entry {
  readonly event?: string;
  readonly code?: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The real telemetry, into a list. */
export function openRecordedTelemetry(): { readonly telemetry: Telemetry; readonly entries: Entry[] } {
  const entries: Entry[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _, done) => {
      entries.push(JSON.parse(chunk.toString()));
      done();
    },
  });
  return { telemetry: new Telemetry(pino({ level: 'trace' }, sink)), entries };
}
