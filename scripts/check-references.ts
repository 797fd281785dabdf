// Compares the workspace dependencies of each package.json with the references of its tsconfig.json: they must not disagree.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const problems: string[] = [];
for (const group of ['packages', 'apps']) {
  for (const name of readdirSync(join(root, group))) {
    const directory = join(root, group, name);
    const { dependencies = {} } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    const { references = [] } = JSON.parse(readFileSync(join(directory, 'tsconfig.json'), 'utf8'));
    const wanted = Object.keys(dependencies)
      .filter((dependency) => dependency.startsWith('@mexc-toolkit/'))
      .map((dependency) => dependency.slice('@mexc-toolkit/'.length))
      .toSorted();
    const found = references.map(({ path }: { path: string }) => basename(path)).toSorted();
    if (wanted.join() !== found.join())
      problems.push(`${group}/${name}: package.json has [${wanted.join(', ')}], tsconfig.json has [${found.join(', ')}]`);
  }
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
