/** The `Content-Type` that ClickHouse 26.7 gives a result in `format` (its table `system.formats`). */
export function contentType(format: string): string {
  if (
    /^(JSON(Compact)?(Strings)?EachRow|PrettyJSON(EachRow|Lines)|PrettyNDJSON|JSONStringsEachRow|JSONLines|JSONL|NDJSON)$/.test(
      format,
    )
  ) {
    return format.startsWith('JSONCompact') ? 'text/plain; charset=UTF-8' : 'application/x-ndjson; charset=UTF-8';
  }
  if (/^JSONCompact(Strings)?EachRow/.test(format) && !format.endsWith('WithProgress')) return 'text/plain; charset=UTF-8';
  if (format.startsWith('JSON')) return 'application/json; charset=UTF-8';
  if (format.startsWith('CSVWithNames')) return 'text/csv; charset=UTF-8; header=present';
  if (format === 'CSV') return 'text/csv; charset=UTF-8; header=absent';
  if (/^(TSV|TabSeparated|TSKV|Raw(With|$)|LineAsString)/.test(format)) return 'text/tab-separated-values; charset=UTF-8';
  if (format === 'XML') return 'application/xml; charset=UTF-8';
  if (format === 'GeoJSON') return 'application/geo+json; charset=UTF-8';
  if (format === 'PNG') return 'image/png';
  if (format === 'Prometheus') return 'text/plain; version=0.0.4; charset=UTF-8';
  if (/^(Pretty|Vertical$|Values$|Null$|Markdown$|MD$|CustomSeparated|Template|SQLInsert$|RawBLOB$|Hash$)/.test(format)) {
    return 'text/plain; charset=UTF-8';
  }
  return 'application/octet-stream';
}
