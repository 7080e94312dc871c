import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { objections } from './support/axe.ts'
import { screen } from './support/screens.ts'
import { exportButton, openSample, runToEnd, type Walk, walks } from './support/walk.ts'

const walk = walks()

/** A screen in both themes: a picture of each, and nothing that axe objects to. */
async function show(page: Page, name: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    // Menus and marks settle, the pointer leaves.
    await page.mouse.move(0, 0)
    await page.waitForTimeout(400)
    await screen(page, `${name}-${scheme}`)
    expect(await objections(page), `${name}, ${scheme}`).toEqual([])
  }
}

it('shows every screen, from the welcome over the graph to the export', { timeout: 900_000 }, async () => {
  const { page, errors } = walk()
  const take = (name: string) => show(page, name)
  await beforeTheRun(walk(), take)
  // Two candidates, each measured: on a busy machine that takes its time.
  await runToEnd(page, 420_000)
  await afterTheRun(walk(), take)
  expect(errors).toEqual([])
})

type Show = (name: string) => Promise<void>

async function beforeTheRun({ page }: Walk, show: Show): Promise<void> {
  await show('welcome')
  await openSample(page)
  await page.locator('.badge.do').first().waitFor({ timeout: 120_000 })
  await show('model')
  await page.keyboard.press('Control+f')
  await page.keyboard.type('layer.1 value matmul')
  await page.keyboard.press('Enter')
  await page.locator('.insp .histogram').first().waitFor()
  await page.locator('.margin-note').first().waitFor()
  await show('node')
  await branch(page)
  await page.locator('.card', { hasText: 'int8' }).first().click()
  await page.locator('.insp .form').waitFor()
  await show('pipeline')
  await page.getByRole('button', { name: 'JSON' }).click()
  await show('pipeline-as-text')
  await page.getByRole('button', { name: 'Graph', exact: true }).click()
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Commands and passes').waitFor()
  await show('commands')
  await page.getByPlaceholder('Commands and passes').fill('recommend')
  await page.keyboard.press('Enter')
  await page.getByText('Recommended for this model').waitFor()
  await show('recommended')
  await page.getByRole('button', { name: 'Not now' }).click()
}

/** A second candidate, so that there is something to choose between. */
async function branch(page: Page): Promise<void> {
  const data = await page.evaluateHandle(() => new DataTransfer())
  const spot = page.locator(`[data-spot='${JSON.stringify({ branch: 'fuse' })}']`)
  await page.locator('.pass:has-text("Quantize weights")').dispatchEvent('dragstart', { dataTransfer: data })
  await spot.dispatchEvent('dragover', { dataTransfer: data })
  await spot.dispatchEvent('drop', { dataTransfer: data })
}

async function afterTheRun({ page }: Walk, show: Show): Promise<void> {
  await page.locator('.card', { hasText: 'int8' }).first().click()
  await page.getByRole('button', { name: /^Colour by/ }).click()
  await page.getByRole('menuitem', { name: 'runtime precision' }).click()
  await page.locator('.graph .fold').first().waitFor()
  await show('runtime-precision')
  await page.getByRole('tab', { name: /Layers/ }).click()
  await page.locator('table.L tbody tr').nth(9).click()
  await show('layers')
  await page.getByRole('tab', { name: /Candidates/ }).click()
  await show('candidates')
  await page.getByRole('tab', { name: 'Diff' }).click()
  await page.getByRole('button', { name: /^right/ }).click()
  await page.getByRole('menuitem', { name: 'fuse', exact: true }).click()
  await page
    .locator('.ch', { hasText: 'Gelu', has: page.getByText(/^\d to 1$/) })
    .first()
    .click()
  await page.locator('.tie .tag').first().waitFor()
  await show('diff')
  await page.getByRole('tab', { name: 'Log' }).click()
  await show('log')
  await page.getByRole('tab', { name: 'Model' }).click()
  await Promise.all([page.waitForEvent('download'), exportButton(page).click()])
  await page.getByText('Verified as written').first().waitFor()
  await show('export')
}
