export { rotate, type RotateOptions, type StoppedLane, type SymbolRotation } from './rotate.ts';
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
