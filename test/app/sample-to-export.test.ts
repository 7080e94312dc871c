import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { picture } from './support/browser.ts'
import { exportButton, openSample, runToEnd, walks } from './support/walk.ts'

const walk = walks()

it('goes from the sample to an exported, verified file in three clicks', async () => {
  const { page, errors } = walk()
  await picture(page, 'welcome-light')
  await openSample(page)
  await picture(page, 'model-light')
  await runToEnd(page)
  await picture(page, 'run-finished-light')
  const [download] = await Promise.all([page.waitForEvent('download'), exportButton(page).click()])
  await page.getByText('Verified as written').first().waitFor()
  const file = await download.path()
  await picture(page, 'export-light')
  // ONNX begins with its IR version, field 1 as a varint.
  expect(readFileSync(file)[0]).toBe(0x08)
  expect(readFileSync(file).length).toBeGreaterThan(100_000)
  await page.keyboard.press('Escape')
  await page.getByRole('tab', { name: /Layers/ }).click()
  const rows = await page.locator('table.L tbody tr').count()
  expect(rows).toBeGreaterThan(10)
  expect(await page.locator('table.L tfoot').textContent()).toContain('Whole model')
  await picture(page, 'layers-light')
  expect(errors).toEqual([])
})
