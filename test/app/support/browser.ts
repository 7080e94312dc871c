import { existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

const systemBrowsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable']

/** A real Chromium: the system's own, else the one that comes as a package with the libraries it needs. */
export async function launchBrowser(): Promise<Browser> {
  const system = process.env.LATHE_BROWSER ?? systemBrowsers.find((path) => existsSync(path))
  if (system) return chromium.launch({ executablePath: system, args: ['--no-sandbox'] })
  // The package unpacks its libraries only where it believes to run in the environment that it was made for.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs20.x'
  const { default: bundled } = await import('@sparticuz/chromium')
  const executablePath = await bundled.executablePath()
  const libraries = join(tmpdir(), 'al2023', 'lib')
  return chromium.launch({
    executablePath,
    // Drawing in software without a detour over WebGL: quicker on a machine without a graphics card.
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none', '--disable-dev-shm-usage'],
    env: { ...process.env, LD_LIBRARY_PATH: libraries, ...systemFonts() },
  })
}

/** The package brings one font and looks for no other: where the machine has its own, they are what a user sees. */
function systemFonts(): { FONTCONFIG_PATH?: string } {
  return existsSync('/etc/fonts/fonts.conf') ? { FONTCONFIG_PATH: '/etc/fonts' } : {}
}

const artefacts = join(import.meta.dirname, '..', 'artefacts')

/** A picture of the window for people to look at; never compared by a machine. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(artefacts, { recursive: true })
  await page.screenshot({ path: join(artefacts, `${name}.png`) })
}
