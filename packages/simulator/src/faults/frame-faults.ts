import { gzipSync } from 'node:zlib';
import type { FrameFault } from '../feed.ts';
import { toRawRow, toRow, type Outgoing } from '../outgoing.ts';
import { takeFeed, type FaultContext, type FaultEntry } from './context.ts';
import type { RequestFields } from '../request-fields.ts';

type Apply = FrameFault['apply'];

const MAX_TIMES = 1_000_000;

/** Faults that change the next frames of a symbol. */
export const FRAME_FAULTS: Readonly<Record<string, FaultEntry>> = {
  'depth-gap': (fields, context) => queueFault(fields, context, { channels: ['depth'], apply: () => [] }),
  'duplicate-frame': (fields, context) => queueFault(fields, context, { apply: (frame) => [frame, frame] }),
  'stale-version': (fields, context) => {
    const by = fields.optionalInteger('by', { min: 1, max: 1_000_000_000 }) ?? 1000;
    const lower = (_: string, name: string, value: string): string => `"${name}":${Number(value) - by}`;
    const apply = rewrite((text) => text.replaceAll(/"(version|begin|end)":(\d+)/g, lower));
    return queueFault(fields, context, { channels: ['depth', 'depth.full', 'depth.step'], apply });
  },
  'begin-end': (fields, context) => {
    const replacement = { missing: '', null: '"end":null,"begin":null,', zero: '"end":0,"begin":0,' };
    const value = replacement[fields.oneOf('value', ['missing', 'null', 'zero'])];
    const apply = rewrite((text) => text.replace(/"end":\d+,"begin":\d+,/, value));
    return queueFault(fields, context, { channels: ['depth'], apply });
  },
  'no-version': (fields, context) => {
    const apply = rewrite((text) => text.replace(/,"version":\d+/, ''));
    return queueFault(fields, context, { channels: ['depth', 'depth.full', 'depth.step'], apply });
  },
  'gzip-frame': (fields, context) => queueFault(fields, context, { apply: compress }),
};

/** Queues a fault for the next frames: of the channel given, else of the channels where it makes sense, else of any. */
function queueFault(
  fields: RequestFields,
  context: FaultContext,
  fault: { channels?: readonly string[]; apply: Apply },
): () => number {
  const feed = takeFeed(fields, context);
  const channel = fields.optionalText('channel')?.replace(/^push\./, '');
  const channels = channel === undefined ? fault.channels : [channel];
  const left = fields.optionalInteger('times', { min: 1, max: MAX_TIMES }) ?? 1;
  return () => {
    feed.faults.push({ matches: (name) => channels?.includes(name) ?? true, apply: fault.apply, left });
    return 0;
  };
}

const rewrite =
  (change: (text: string) => string): Apply =>
  (frame: Outgoing) => [toRow(change(frame.payload.toString()), frame)];

const compress: Apply = (frame) => [toRawRow(gzipSync(frame.payload), { ...frame, opcode: 'binary', content: frame.content })];
