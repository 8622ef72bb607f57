import { availableParallelism } from 'node:os';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const EVERYWHERE = [
  'server/**/*.test.ts',
  'shared/**/*.test.ts',
  'client/**/*.test.ts',
  'scripts/**/*.test.ts',
];
/** Functions of their arguments alone: files share one process, and what it has loaded. */
const PURE = ['server/core/**/*.test.ts', 'shared/domain/**/*.test.ts', 'shared/protocol/**/*.test.ts'];

export default defineConfig({
  plugins: [svelte({ configFile: 'client/svelte.config.js' })],
  test: {
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      {
        extends: true,
        test: {
          name: 'alone',
          include: EVERYWHERE,
          exclude: PURE,
          globalSetup: ['server/testing/globalSetup.ts', 'client/e2e/globalSetup.ts'],
        },
      },
    ],
    pool: 'forks',
    // Real databases, sockets and browsers run beside each worker.
    maxWorkers: Math.min(4, availableParallelism()),
    // Of a whole test, and of looking for something in one: on a busy machine too, only a hang reaches them.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 120_000, interval: 20 } },
  },
});
