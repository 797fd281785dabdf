declare module 'parquetjs-lite' {
  const parquetjs: {
    readonly ParquetSchema: new (fields: Readonly<Record<string, object>>) => object;
    readonly ParquetWriter: {
      openStream(
        schema: object,
        sink: object,
        options: object,
      ): Promise<{ appendRow(row: object): Promise<void>; close(): Promise<void> }>;
    };
  };
  // oxlint-disable-next-line import/no-default-export -- it is how Node presents a CommonJS module
  export default parquetjs;
}
