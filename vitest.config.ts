import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{text,smpp,server,console,bench}/{src,test}/**/*.test.ts'],
    // Several processes, and the database they need: npm run test:cluster.
    exclude: [
      '**/node_modules/**',
      'server/src/store/mysql/**',
      'server/test/journeys/{owners,deaths,workers,heard}.test.ts',
    ],
    // Only there to end what hangs: a busy machine may be many times slower than an idle one.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Two cores: journeys start whole servers, so few files run at a time.
    maxWorkers: 2,
  },
});
