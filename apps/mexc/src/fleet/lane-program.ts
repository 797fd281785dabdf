import { fileURLToPath } from 'node:url';
import type { LaneProgram } from '@mexc-toolkit/collector';

/** This Node, and the built entry of a lane. */
export const laneProgram: LaneProgram = {
  execPath: process.execPath,
  entry: fileURLToPath(new URL('../../dist/lane-main.js', import.meta.url)),
};
