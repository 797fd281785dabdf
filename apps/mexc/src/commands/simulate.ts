import { openSimulator } from '@mexc-toolkit/simulator';
import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { untilAborted } from '../until-aborted.ts';

export default class Simulate extends BaseCommand {
  static override summary = 'Run a simulated MEXC exchange on loopback.';
  static override description =
    'WebSocket and REST as the exchange has them, faults on demand at the control URL, and a journal of everything that it sent.';
  static override examples = ['<%= config.bin %> <%= command.id %> --port 0 --symbol BTC_USDT --symbol ETH_USDT --rate 40'];
  static override flags = {
    symbol: Flags.string({
      char: 's',
      multiple: true,
      summary: 'Contract that the exchange lists.',
      default: ['BTC_USDT', 'ETH_USDT', 'SOL_USDT'],
    }),
    port: Flags.integer({ summary: 'TCP port; 0 for any free one.', default: 0, min: 0, max: 65_535 }),
    host: Flags.string({ summary: 'Loopback address to listen on.', default: '127.0.0.1' }),
    rate: Flags.integer({ summary: 'Frames a second, all symbols together.', default: 40, min: 0 }),
    seed: Flags.integer({ summary: 'Same seed, same market.', default: 1 }),
  };

  async run(): Promise<{ readonly wsUrl: string; readonly restUrl: string; readonly controlUrl: string; readonly rows: number }> {
    const { flags } = await this.parse(Simulate);
    await using simulator = await openSimulator({
      symbols: flags.symbol,
      port: flags.port,
      host: flags.host,
      rate: flags.rate,
      seed: flags.seed,
    });
    const { wsUrl, restUrl, controlUrl } = simulator;
    const lines = [
      `MEXC_WS_URL=${wsUrl}`,
      `MEXC_REST_URL=${restUrl}`,
      `MEXC_IP_ECHO_URL=${restUrl}/ip`,
      `control: ${controlUrl}`,
    ];
    if (this.jsonEnabled()) this.logToStderr(lines.join('\n'));
    else this.log(lines.join('\n'));
    await untilAborted(this.signal);
    return { wsUrl, restUrl, controlUrl, rows: simulator.journal().total.frames };
  }
}
