import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-start-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it.skipIf(process.platform === 'win32')(
  'opens in the browser when Electron is there and cannot start, and says why',
  async () => {
    // Stands for a binary that finds no display.
    writeFileSync(join(folder, 'electron'), '#!/bin/sh\necho "Missing X server or $DISPLAY" >&2\nexit 1\n')
    chmodSync(join(folder, 'electron'), 0o755)
    const env = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: folder, LATHE_CACHE: join(folder, 'cache') }
    const app = spawn(process.execPath, ['bin/start.mjs', '--no-open'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let errors = ''
    app.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    const [line] = (await once(app.stdout.setEncoding('utf8'), 'data')) as [string]
    app.kill('SIGINT')
    const [status] = await once(app, 'exit')
    expect(line).toMatch(/http:\/\/127\.0\.0\.1:\d+/)
    expect(errors).toContain('Electron ended at once (status 1). Lathe opens in the browser instead.')
    expect(status).toBe(0)
  },
  180_000,
)
