import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'jsdom',
    globals: true,
    testTimeout: 60_000, // machines that build beside
    setupFiles: ['./vitest-setup.mjs'],
    include: ['src/**/*.test.{ts,tsx}', 'test/host/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Packages whose ES modules Node refuses to load as published.
    server: { deps: { inline: [/@grafana/, /react-use/, /node_modules\/ol\//] } },
  },
  resolve: { conditions: ['module', 'import', 'browser', 'default'] },
});
