import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron } from 'playwright-core'
import { expect, test } from 'vitest'
import { root } from './support/root.ts'

/** Electron's binary where it was fetched; the walk needs the real thing. */
function electronBinary(): string | null {
  const folder = join(root, 'node_modules', 'electron')
  const name = existsSync(join(folder, 'path.txt')) ? readFileSync(join(folder, 'path.txt'), 'utf8') : null
  const binary = name === null ? null : join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), name)
  return binary !== null && existsSync(binary) ? binary : null
}

const binary = electronBinary()
const title = 'the desktop shell opens its window, and the sample opens in it over the port'

test.skipIf(binary === null)(binary === null ? `${title} (skipped: no Electron binary)` : title, async () => {
  spawnSync(process.execPath, [join(root, 'bin', 'build.mjs')], { stdio: 'inherit' })
  const folder = mkdtempSync(join(tmpdir(), 'lathe-electron-'))
  const args = [join(root, 'dist', 'electron-main.mjs'), `--user-data-dir=${folder}`, '--no-sandbox']
  const app = await _electron.launch({ executablePath: binary as string, args })
  try {
    const window = await app.firstWindow()
    await window.getByText('Try the sample').click()
    await window.getByText('clean-up').first().waitFor({ timeout: 30_000 })
    expect(await window.evaluate(() => typeof (globalThis as { process?: unknown }).process)).toBe('undefined')
  } finally {
    await app.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
