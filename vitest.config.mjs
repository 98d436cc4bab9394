import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'jsdom',
    globals: true,
    setupFiles: ['./vitest-setup.mjs'],
    include: ['src/**/*.test.{ts,tsx}', 'test/host/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Packages whose ES modules Node refuses to load as published.
    server: { deps: { inline: [/@grafana/, /react-use/, /ol/] } },
  },
  resolve: { conditions: ['module', 'import', 'browser', 'default'] },
});
