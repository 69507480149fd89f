import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { CONSOLE_PATHS } from './src/paths.ts';

/** What the server puts in place of this, a new one with every page: styles made while the page runs carry it. */
const NONCE = '__NONCE__';

/** Files worth sending compressed. */
const COMPRESSED = /\.(?:js|css|html|svg|json)$/;

/**
 * Tells the server what it serves: `paths.json` lists the first parts of the console's addresses, and each text has a
 * compressed twin.
 */
const forTheServer = (): Plugin => ({
  name: 'for-the-server',
  apply: 'build',
  generateBundle: {
    // After the bundler has put the last names into its files.
    order: 'post',
    handler(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (!COMPRESSED.test(file.fileName) || file.fileName === 'index.html') continue;
        const source = file.type === 'chunk' ? file.code : file.source;
        this.emitFile({ type: 'asset', fileName: `${file.fileName}.gz`, source: gzipSync(source, { level: 9 }) });
      }
      this.emitFile({ type: 'asset', fileName: 'paths.json', source: JSON.stringify(CONSOLE_PATHS) });
    },
  },
});

/** Parts of libraries in whose place ours stand. */
const OWN: Record<string, string> = {
  // They add a style of their own, which the policy forbids.
  getScrollBarSize: 'src/lib/scroll-bar-size.ts',
  useScrollLocker: 'src/lib/scroll-lock.ts',
  // Nobody uses it, and it brings trees and menus along.
  FilterDropdown: 'src/lib/no-column-filters.ts',
};

const ownParts = (): Plugin => ({
  name: 'own-parts',
  enforce: 'pre',
  resolveId(source, importer) {
    const own = OWN[source.slice(source.lastIndexOf('/') + 1)];
    return own !== undefined && importer?.includes('node_modules') ? join(import.meta.dirname, own) : null;
  },
});

export default defineConfig({
  root: import.meta.dirname,
  plugins: [ownParts(), react(), forTheServer()],
  html: { cspNonce: NONCE },
  server: { proxy: { '/api': process.env.SIGNET_URL ?? 'http://127.0.0.1:5000' } },
  build: {
    outDir: 'dist',
    manifest: 'manifest.json',
    modulePreload: { polyfill: false },
    // Whatever is inlined would be an address of its own in the policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2_000,
    reportCompressedSize: false,
  },
});
