import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { picture } from './support/browser.ts'
import { walks } from './support/walk.ts'

const walk = walks()

/** Presses Tab until the focus is on something of that name; as a user would who sees where it is. */
async function tabTo(page: Page, name: RegExp, most = 60): Promise<void> {
  for (let press = 0; press < most; press++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate<{ name: string; visible: boolean }>(`(() => {
      const at = document.activeElement
      const { outlineStyle, boxShadow } = getComputedStyle(at)
      return { name: at.getAttribute('aria-label') ?? at.textContent, visible: outlineStyle !== 'none' || boxShadow !== 'none' }
    })()`)
    if (!name.test(at.name)) continue
    expect(at.visible, `the focus on ${name}`).toBe(true)
    return
  }
  throw new Error(`Tab does not reach ${name}`)
}

it('goes from the welcome to the exported file without a pointer', { timeout: 420_000 }, async () => {
  const { page, errors } = walk()
  await tabTo(page, /^Try the sample/)
  await page.keyboard.press('Enter')
  await page.locator('.graph .fold').first().waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('freeze shapes')
  await page.keyboard.press('Enter')
  await page.locator('.card', { hasText: 'freeze-shapes' }).waitFor()
  await page.keyboard.press('Control+z')
  await page.locator('.card', { hasText: 'freeze-shapes' }).waitFor({ state: 'detached' })
  await tabTo(page, /^Model graph/)
  const open = await page.locator('.opened').count()
  // Down to a closed group, wherever it stands.
  for (let press = 0; press < 40 && !(await page.locator('.fold.chosen').isVisible()); press++) await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('.opened').count()).toBeGreaterThan(open)
  await page.keyboard.press('Control+Enter')
  await page.locator('footer').getByText('against source').waitFor({ timeout: 300_000 })
  await tabTo(page, /^Model$/)
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await page.locator('table.L tbody tr').first().waitFor()
  await tabTo(page, /attention/)
  await page.keyboard.press('Enter')
  await page.locator('table.L tr.sel').waitFor()
  await picture(page, 'keyboard-layers')
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Control+Shift+E')])
  await page.getByText('Verified as written').first().waitFor()
  expect(await download.failure()).toBeNull()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(errors).toEqual([])
})
