import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The window's part of Lathe. Relative paths, so that the same files serve the web host and the desktop shell. */
export default defineConfig({
  root: folder('renderer'),
  base: './',
  plugins: [react()],
  build: {
    outDir: folder('dist/renderer'),
    emptyOutDir: true,
    target: 'chrome130',
    // Fonts and pictures stay files: the content security policy allows no data: scripts, and the cache works by name.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    license: { fileName: 'third-party-licences.md' },
  },
  worker: { format: 'es' },
})
