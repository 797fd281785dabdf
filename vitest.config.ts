import { defineConfig } from 'vitest/config';

const source = { resolve: { conditions: ['@mexc-toolkit/source'] }, ssr: { resolve: { conditions: ['@mexc-toolkit/source'] } } };
const integration = '**/*.integration.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        ...source,
        test: {
          name: 'unit',
          include: ['{packages,apps}/*/test/**/*.test.{ts,tsx}'],
          exclude: [integration],
          disableConsoleIntercept: true,
        },
      },
      {
        ...source,
        test: {
          name: 'integration',
          include: ['{packages,apps}/*/test/**/*.integration.test.ts', 'test/**/*.integration.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
