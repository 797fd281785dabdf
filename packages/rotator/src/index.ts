export { rotate } from './rotate.ts';
export type { RotateOptions, StoppedLane, SymbolRotation } from './rotation-context.ts';
export { readState, writeState } from './rotation-files.ts';
export {
  asideTable,
  decideOnAck,
  decideRecovery,
  toAbandoned,
  toAnnounced,
  toRotated,
  toRotating,
  withAdopted,
  withMoved,
  withoutPending,
} from './rotation-state.ts';
