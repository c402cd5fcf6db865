import { defineConfig } from 'vitest/config';

const source = { conditions: ['@sabot/source', 'node', 'development|production'] };

export default defineConfig({
  resolve: source,
  ssr: { resolve: source },
  test: {
    reporters: ['default', './packages/tooling/src/closing-line-reporter.mjs'],
    // vitest's own choice leaves one core to the terminal: on two cores, files would run one after the other.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/*/test/**/*.test.{ts,mjs}'],
          exclude: ['**/node_modules/**'],
          // Property tests make many runs, and machines that test are often shared.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'apps',
          include: ['apps/*/test/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
          globalSetup: 'apps/demo/test/build-demo.ts',
          testTimeout: 120_000,
        },
      },
    ],
    coverage: { provider: 'v8', include: ['packages/*/src/**', 'apps/*/src/**'] },
  },
});
