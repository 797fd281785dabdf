export {
  forgetLaneStatus,
  listLiveLanes,
  readLaneStatus,
  runAttachedLane,
  spawnDetachedLane,
  stopLanes,
  type LaneProgram,
  type LiveLane,
} from './fleet/lane-process.ts';
export { parseLaneSpec, type LaneSpec } from './fleet/lane-spec.ts';
export { drainStoppedSymbol, type DrainSpoolOptions, type StoppedSymbol } from './lane/drain-spool.ts';
export { runLane } from './lane/lane.ts';
export type { LaneOptions } from './lane/lane-options.ts';
export type { LaneStatus, SymbolStatus } from './lane/lane-status.ts';
export { prepareTables } from './lane/recover.ts';
export { rebuildEpoch, type RebuildOptions, type RebuiltEpoch } from './rebuild/rebuild-epoch.ts';
