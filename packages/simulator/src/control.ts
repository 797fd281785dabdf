import { CaptureError } from '@mexc-toolkit/core';
import { parseRecord } from './commands.ts';
import { RequestFields } from './request-fields.ts';
import { FAULT_TYPES } from './faults/inject.ts';
import { toJson, type RestAnswer } from './rest/envelope.ts';
import type { CanaryOptions } from './canary.ts';
import type { CanaryRecord, Journal, JournalFrame } from './journal.ts';
import type { FaultReport } from './faults/fault.ts';

/** What the control endpoint drives: the simulator's own public face, without its life cycle. */
export interface Controls {
  journal(): Journal;
  frames(symbol?: string): readonly JournalFrame[];
  inject(fault: object): FaultReport;
  canary(options: CanaryOptions): CanaryRecord;
  setRate(rate: number): void;
  pause(): void;
  resume(): void;
}

export interface ControlRequest {
  readonly method: string;
  /** Below `/control/`: `faults`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** Answers `/control/…`; errors are answers too, never exceptions. */
export function answerControl(request: ControlRequest, controls: Controls): RestAnswer {
  try {
    return toJson(JSON.stringify(handle(request, controls)));
  } catch (error) {
    if (!CaptureError.is(error)) throw error;
    return toJson(JSON.stringify({ error: error.toJSON() }), 400);
  }
}

function handle(request: ControlRequest, controls: Controls): unknown {
  const isPost = request.method === 'POST';
  switch (`${isPost ? 'POST' : 'GET'} ${request.path}`) {
    case 'GET journal':
      if (request.query.get('frames') !== '1') return controls.journal();
      return { ...controls.journal(), frames: controls.frames(request.query.get('symbol') ?? undefined) };
    case 'GET faults':
      return { types: FAULT_TYPES };
    case 'POST faults':
      return controls.inject(parseBody(request.body));
    case 'POST canary':
      return controls.canary(parseCanary(parseBody(request.body)));
    case 'POST rate': {
      const fields = new RequestFields('rate', parseBody(request.body));
      const rate = fields.number('rate', { min: 0, max: Infinity });
      fields.end();
      controls.setRate(rate);
      return { rate };
    }
    case 'GET pause':
    case 'POST pause':
      controls.pause();
      return { paused: true };
    case 'GET resume':
    case 'POST resume':
      controls.resume();
      return { paused: false };
    default:
      throw new CaptureError('USAGE_INVALID', `no such control: ${request.method} ${request.path.slice(0, 80)}`);
  }
}

function parseCanary(body: object): CanaryOptions {
  const fields = new RequestFields('canary', body);
  const options = {
    symbol: fields.text('symbol'),
    rate: fields.number('rate', { min: 0.001, max: 100_000 }),
    count: fields.integer('count', { min: 1, max: 100_000_000 }),
  };
  fields.end();
  return options;
}

function parseBody(body: string): object {
  const record = parseRecord(body);
  if (!record) throw new CaptureError('USAGE_INVALID', 'the body must be a JSON object');
  return record;
}
