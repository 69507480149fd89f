import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{text,smpp,server,bench}/{src,test}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: journeys start whole servers, so few files run at a time.
    maxWorkers: 2,
  },
});
