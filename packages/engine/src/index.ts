export { findEngine, readEngineAddress, type EngineAddress } from './address.ts';
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
