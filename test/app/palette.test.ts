import { expect, it } from 'vitest'
import { openSample, walks } from './support/walk.ts'

const walk = walks()

it('hears every letter from the key that opens it on, and gives the keys back when it closes', async () => {
  const { page, errors } = walk()
  await openSample(page)
  const cards = page.locator('.card .l1 b')
  const before = await cards.allTextContents()
  for (let time = 0; time < 8; time++) {
    // No pause anywhere, as people do what they have done a hundred times.
    await page.keyboard.press('Control+k')
    await page.keyboard.type('freeze shapes')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Control+z')
    await expect.poll(() => cards.allTextContents(), { timeout: 5000 }).toEqual(before)
    // It was there and went: the step can be done again.
    await page.keyboard.press('Control+Shift+z')
    await page.locator('.card', { hasText: 'freeze-shapes' }).waitFor({ timeout: 5000 })
    await page.keyboard.press('Control+z')
    await page.locator('.card', { hasText: 'freeze-shapes' }).waitFor({ state: 'detached', timeout: 5000 })
  }
  expect(errors).toEqual([])
})
