import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { picture } from './browser.ts'
import { root } from './root.ts'

const gallery = join(root, 'docs', 'screens')

/** Whether the walks write the pictures of the README. */
const keeps = process.env.LATHE_SCREENS === '1'

/** A screen of the gallery: into `docs/screens` when asked for, else beside the other pictures of the walks. */
export async function screen(page: Page, name: string): Promise<void> {
  if (!keeps) return picture(page, name)
  mkdirSync(gallery, { recursive: true })
  // Few colours, most of them flat: a palette keeps the text sharp at a quarter of the size.
  await sharp(await page.screenshot())
    .png({ palette: true, colours: 128, effort: 10, compressionLevel: 9 })
    .toFile(join(gallery, `${name}.png`))
}
