// For tests that cross packages; resolved under the condition `@mexc-toolkit/source` only, so it is no part of what is built.
export { TestEngine } from './engine.ts';
export { LaneProcess, openHome, TestLane, type LaneBed } from './lane.ts';
export { findBreaks, findForeign, readFacts, readStored, type StoredRow } from './rows.ts';
export { openRecordedTelemetry } from './telemetry.ts';
export { waitFor } from './wait-for.ts';
