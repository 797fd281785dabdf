// A rotator in a process of its own: `node rotator-main.ts <home> <store as JSON> <step at which it kills itself>`.
import { openStore, toHomePaths } from '@mexc-toolkit/core';
import { rotateNow } from './rotation-bed.ts';

const [home = '', address = '', step = ''] = process.argv.slice(2);
await using store = openStore(JSON.parse(address));
await rotateNow(
  { paths: toHomePaths(home), store },
  {
    crashPoint: (name) => {
      if (name === step) process.kill(process.pid, 'SIGKILL');
    },
  },
);
