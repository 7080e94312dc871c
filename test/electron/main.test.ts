import { build } from 'esbuild'
import { expect, it } from 'vitest'

/** Electron emits `ready` only after its main module has been evaluated: one that waits for it at the top waits for ever. */
it('the main module waits for nothing while it is evaluated', async () => {
  const bundle = build({
    entryPoints: ['electron/main.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    // The one form that cannot hold an `await` at the top, in this file or in any that it imports.
    format: 'cjs',
    external: ['electron'],
    logLevel: 'silent',
  })
  await expect(bundle).resolves.toBeDefined()
})
