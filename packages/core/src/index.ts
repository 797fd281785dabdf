export { CaptureError, type ErrorContext } from './errors/capture-error.ts';
export { ERROR_CODES, EXIT_STATUS, type Category, type ErrorCode, type Retry } from './errors/codes.ts';
export { openLock, readLockOwner, tryLock, type LockOwner, type ProcessLock } from './lifecycle/process-lock.ts';
export { systemClock, type Clock } from './time/clock.ts';
export { MESSAGE_TYPE_CODE, MESSAGE_TYPES, type MessageType } from './vocabulary/message-type.ts';
export { parseSymbol, toBase, toSymbol, type Base, type ContractSymbol } from './vocabulary/symbol.ts';
