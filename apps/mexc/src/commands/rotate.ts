import type { SymbolRotation } from '@mexc-toolkit/rotator';
import { Flags } from '@oclif/core';
import { runHourly } from '../archive/archive.ts';
import { nextBoundaryUs, rotateSymbols } from '../archive/rotate-symbols.ts';
import { BaseCommand } from '../base-command.ts';
import { formatRotations } from '../present/rotation.ts';
import { toKnownSymbols } from '../symbols.ts';

export default class Rotate extends BaseCommand {
  static override summary = 'Turn the current tables into previous ones at an exact boundary.';
  static override description =
    'One rotation now, or one at every full UTC hour with --hourly. Nothing is dropped: `mexc export --verify` proves and drops.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --symbol BTC_USDT',
    '<%= config.bin %> <%= command.id %> --hourly',
  ];
  static override flags = {
    symbol: Flags.string({
      char: 's',
      multiple: true,
      summary: 'Symbol to rotate; all that are recorded here by default.',
      helpValue: 'BTC_USDT',
    }),
    hourly: Flags.boolean({ summary: 'Go on at every full hour until stopped.' }),
  };

  async run(): Promise<{ readonly rotations: readonly SymbolRotation[] }> {
    const { flags } = await this.parse(Rotate);
    await using context = await this.openContext(flags);
    if (flags.hourly) {
      await runHourly(flags.symbol, context, async (_, rotations) => this.log(formatRotations(rotations)));
      return { rotations: [] };
    }
    const symbols = await toKnownSymbols(flags.symbol, await context.store());
    const rotations = await rotateSymbols(symbols, nextBoundaryUs(context.clock.now()), context);
    this.log(formatRotations(rotations));
    return { rotations };
  }
}
