export { findEngine, readEngineAddress, type EngineAddress } from './address.ts';
export { runEngine, type EngineOptions } from './daemon.ts';
export type { EngineLog } from './engine.ts';
export {
  engineEntry,
  ensureEngine,
  nodeSpawner,
  stopEngine,
  type DetachedCommand,
  type EnsureEngineOptions,
  type SpawnDetached,
  type StopEngineOptions,
} from './ensure-engine.ts';
