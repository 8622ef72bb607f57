import { availableParallelism } from 'node:os';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const SIMULATION = 'server/simulation/**/*.test.ts';

export default defineConfig({
  plugins: [svelte({ configFile: 'client/svelte.config.js' })],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'product',
          include: [
            'server/**/*.test.ts',
            'shared/**/*.test.ts',
            'client/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
          exclude: [SIMULATION],
          globalSetup: ['server/testing/globalSetup.ts', 'client/e2e/globalSetup.ts'],
          // Files share a process and what it has loaded, which took as long as a quarter of the tests.
          isolate: false,
        },
      },
      // What runs a process's promises by a schedule, and breaks its parts on purpose, has a process to itself.
      { extends: true, test: { name: 'simulation', include: [SIMULATION] } },
    ],
    pool: 'forks',
    // Some tests wait for other processes: one worker more than there are cores, but not many, since real databases,
    // sockets and browsers run beside each.
    maxWorkers: Math.min(4, availableParallelism() + 1),
    // Of a whole test, and of looking for something in one: on a busy machine too, only a hang reaches them.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 120_000, interval: 20 } },
  },
});
