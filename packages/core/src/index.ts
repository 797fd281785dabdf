export { listSettings, type Setting } from './config/settings.ts';
export { loadConfig, type ConfigOrigin, type ConfigSources, type LoadedConfig } from './config/load-config.ts';
export { configSchema, toConfigJsonSchema, type Config } from './config/schema.ts';
export { CaptureError, type ErrorContext } from './errors/capture-error.ts';
export { ERROR_CODES, EXIT_STATUS, type Category, type ErrorCode, type Retry } from './errors/codes.ts';
export { toExportPath } from './formats/export-path.ts';
export {
  gapSchema,
  manifestSchema,
  parseManifest,
  rotationReportSchema,
  toManifestPath,
  type Gap,
  type Manifest,
  type RotationReport,
} from './formats/manifest.ts';
export { PARQUET_SCHEMA } from './formats/parquet-schema.ts';
export {
  pendingEpochSchema,
  rotationAckSchema,
  rotationStateSchema,
  type PendingEpoch,
  type RotationAck,
  type RotationState,
} from './formats/rotation-state.ts';
export { readRows, readUint64, ROW_COLUMNS, rowBytes, writeRow, type Row } from './formats/row-binary.ts';
export { loadRowDigest, ROW_DIGEST_SQL, type RowDigest } from './formats/row-digest.ts';
export {
  BLOCK_CRC_OFFSET,
  BLOCK_FIXED_BYTES,
  BLOCK_MAGIC,
  BLOCK_VERSION,
  encodeBlockHeader,
  headerBytes,
  isPayloadOf,
  readBlockHeader,
  type BlockHeader,
  type HeaderRead,
} from './formats/spool-block.ts';
export { readJsonFile, syncDirectory, writeFileAtomic } from './lifecycle/atomic-file.ts';
export { openBackoff, type Backoff } from './lifecycle/backoff.ts';
export { toHomePaths, type HomePaths } from './lifecycle/home.ts';
export { openLock, readLockOwner, tryLock, type LockOwner, type ProcessLock } from './lifecycle/process-lock.ts';
export { PING, toSubscribeCommands, type Subscriptions, type VenueCommand } from './mexc/commands.ts';
export { decodeFrame, isText, toUnknownContract, wrapBytes, type DecodedFrame, type RowFrame } from './mexc/decode.ts';
export { openStore, type StatementOptions, type Store, type StoreAddress, type StoreOptions } from './store/clickhouse-store.ts';
export { quoteIdentifier, tableName } from './store/identifiers.ts';
export { listExports, listGaps, recordExport, recordGap, type ExportRecord } from './store/logs.ts';
export {
  insertPayloads,
  listRowTables,
  readTableFacts,
  readWatermark,
  settleStatements,
  type TableFacts,
} from './store/row-tables.ts';
export { createDatabase, createRowTable, currentTable, nextTable, previousTable } from './store/schema.ts';
export { createViews } from './store/views.ts';
export { Telemetry, type EventFields } from './telemetry/telemetry.ts';
export { systemClock, type Clock } from './time/clock.ts';
export { nextHourMs, parseEpochName, toEpochName, type Epoch } from './vocabulary/epoch.ts';
export { MESSAGE_TYPE_CODE, MESSAGE_TYPES, type MessageType } from './vocabulary/message-type.ts';
export { parseSymbol, toBase, toSymbol, type Base, type ContractSymbol } from './vocabulary/symbol.ts';
