// Type-checks the tests, which are outside of the build.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const projects = ['packages', 'apps'].flatMap((group) =>
  readdirSync(join(root, group)).map((name) => join(root, group, name, 'test')),
);
let failed = false;
for (const project of [...projects, join(root, 'test'), join(root, 'scripts'), join(root, 'bench')]) {
  if (!existsSync(join(project, 'tsconfig.json')) || readdirSync(project).length < 2) continue;
  failed = spawnSync('tsc', ['-p', join(project, 'tsconfig.json'), '--noEmit'], { stdio: 'inherit' }).status !== 0 || failed;
}
process.exitCode = failed ? 1 : 0;
