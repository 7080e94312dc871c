import { defineConfig } from 'vitest/config'

/**
 * `unit` is everything that needs no window: core, hosts and pure renderer code, with the real runtime where numbers are claimed.
 * `app` walks the built application in a real browser, one file at a time. `bench` prints tables and is never part of a test run.
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
          exclude: ['test/app/**', 'test/bench/**'],
          pool: 'forks',
        },
      },
      {
        extends: true,
        test: { name: 'app', include: ['test/app/**/*.test.ts'], fileParallelism: false, testTimeout: 180_000, hookTimeout: 180_000 },
      },
      { extends: true, test: { name: 'bench', include: ['test/bench/**/*.test.ts'], fileParallelism: false, testTimeout: 600_000 } },
    ],
  },
})
