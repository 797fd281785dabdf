export type { CanaryOptions } from './canary.ts';
export type { Fault, FaultReport, NextFrames, Target } from './faults/fault.ts';
export type { CanaryRecord, Journal, JournalFrame, SessionRecord } from './journal.ts';
export type { SimulatorOptions } from './options.ts';
export { openSimulator, type Simulator } from './simulator.ts';
export type { TallyReport } from './tally.ts';
