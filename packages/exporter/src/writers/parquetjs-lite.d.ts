/** The part of parquetjs-lite 0.8.7 that is used; the package has no types of its own. */
declare module 'parquetjs-lite' {
  export interface Field {
    readonly type: 'TIMESTAMP_MILLIS' | 'TIMESTAMP_MICROS' | 'UTF8' | 'UINT_64';
    readonly compression: 'UNCOMPRESSED' | 'SNAPPY' | 'GZIP';
    /** Set to false to leave minimum and maximum out. */
    readonly statistics?: false;
  }
  export interface Schema {
    readonly fields: object;
  }
  export interface Sink {
    write(chunk: Uint8Array, done: (error?: Error | null) => void): unknown;
    end(done: (error?: Error | null) => void): unknown;
  }
  export interface Writer {
    appendRow(row: Readonly<Record<string, unknown>>): Promise<void>;
    close(): Promise<void>;
  }
  /** `rowGroupSize` and `pageSize` count rows. */
  export interface WriterOptions {
    readonly rowGroupSize: number;
    readonly pageSize: number;
    readonly useDataPageV2: boolean;
    readonly pageIndex: boolean;
  }
  /** A CommonJS module: Node finds no names in it, only the whole. */
  const parquetjs: {
    readonly ParquetSchema: new (fields: Readonly<Record<string, Field>>) => Schema;
    readonly ParquetWriter: { openStream(schema: Schema, sink: Sink, options: WriterOptions): Promise<Writer> };
  };
  // oxlint-disable-next-line import/no-default-export -- it is how Node presents a CommonJS module
  export default parquetjs;
}
