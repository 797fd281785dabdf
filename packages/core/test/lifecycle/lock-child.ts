// Takes a lock, says so, and holds it until it is ended: `node lock-child.ts <path>`.
import { openLock } from '@mexc-toolkit/core';

using _ = openLock(process.argv[2] ?? '', { pid: process.pid, what: 'the child' });
process.stdout.write('held\n');
process.stdin.resume();
await new Promise((resolve) => process.stdin.on('end', resolve));
