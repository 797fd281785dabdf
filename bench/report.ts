/** One measured value, and what it should be. */
export interface Figure {
  readonly topic: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly wanted?: { readonly atLeast: number } | { readonly atMost: number };
  /** How it came about, where that is not obvious. */
  readonly detail?: string;
}

export interface Machine {
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly cpu: string;
}

/** What `--json` prints. */
export interface BenchReport {
  readonly formatVersion: 1;
  readonly at: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly quick: boolean;
  readonly durationMs: number;
  readonly figures: readonly (Figure & { readonly verdict: Verdict | null })[];
}

export interface Verdict {
  readonly met: boolean;
  /** Distance to the wanted value in percent of it: above 0 is better than wanted. */
  readonly marginPercent: number;
}

/** Null when nothing is wanted of the figure. */
export function toVerdict({ value, wanted }: Figure): Verdict | null {
  if (!wanted) return null;
  const isFloor = 'atLeast' in wanted;
  const limit = isFloor ? wanted.atLeast : wanted.atMost;
  const met = isFloor ? value >= limit : value <= limit;
  const distance = isFloor ? value - limit : limit - value;
  return { met, marginPercent: limit === 0 ? (met ? 0 : -100) : Math.round((distance / limit) * 100) };
}

/** The table for people, as Markdown: readable in a terminal and in docs/performance.md. */
export function toTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.topic,
    figure.name,
    toText(figure.value, figure.unit),
    toWantedText(figure),
    toVerdictText(toVerdict(figure)),
    figure.detail ?? '',
  ]);
  const head = ['topic', 'figure', 'measured', 'wanted', 'verdict', 'remark'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}

/** Machine, versions, table. */
export function toDocument(report: BenchReport): string {
  const { machine, versions } = report;
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const missed = report.figures.filter(({ verdict }) => verdict && !verdict.met);
  return [
    `Measured ${report.at.slice(0, 10)} in ${Math.round(report.durationMs / 1000)} s with \`npm run bench${report.quick ? ' -- --quick' : ''}\``,
    `on ${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, ${machine.system}; ${software.join(', ')}.`,
    `${report.figures.filter(({ verdict }) => verdict?.met).length} wanted values met, ${missed.length} missed.`,
    '',
    toTable(report.figures),
  ].join('\n');
}

/** Replaces what stands between two marker lines; throws when they are not there. */
export function replaceBetween(text: string, marker: string, content: string): string {
  const begin = `<!-- begin ${marker} -->`;
  const end = `<!-- end ${marker} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`no markers ${begin} … ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}

function toText(value: number, unit: string): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}${unit === '' ? '' : ` ${unit}`}`;
}

function toWantedText({ wanted, unit }: Figure): string {
  if (!wanted) return '';
  return 'atLeast' in wanted ? `≥ ${toText(wanted.atLeast, unit)}` : `≤ ${toText(wanted.atMost, unit)}`;
}

function toVerdictText(verdict: Verdict | null): string {
  if (!verdict) return '';
  const margin = `${verdict.marginPercent > 0 ? '+' : ''}${verdict.marginPercent} %`;
  return verdict.met ? `met, ${margin}` : `missed, ${margin}`;
}
