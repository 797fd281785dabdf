// Writes oclif.manifest.json, so that `mexc --help` need not load every command.
import { writeFileSync } from 'node:fs';
import { Config } from '@oclif/core';

const root = new URL('..', import.meta.url).pathname;
const config = await Config.load({ root, ignoreManifest: true });
const own = config.plugins.get('mexc');
writeFileSync(`${root}oclif.manifest.json`, JSON.stringify(own.manifest));
