import { Command } from '@oclif/core';

export default class Version extends Command {
  static override summary = 'Print the version.';
  async run(): Promise<void> {
    this.log(this.config.version);
  }
}
