import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { objections } from './support/axe.ts'
import { screen } from './support/screens.ts'
import { exportButton, openSample, runToEnd, type Walk, walks } from './support/walk.ts'

/** All screens with the sample, in one theme: a picture of each, and nothing that axe objects to. */
function tour(scheme: 'light' | 'dark'): void {
  const walk = walks({ scheme })
  const show = async (name: string) => {
    const { page } = walk()
    // Menus and marks settle, the pointer leaves.
    await page.mouse.move(0, 0)
    await page.waitForTimeout(400)
    await screen(page, `${name}-${scheme}`)
    expect(await objections(page), name).toEqual([])
  }
  it('from the welcome over the graph to the export', async () => {
    await beforeTheRun(walk(), show)
    await runToEnd(walk().page)
    await afterTheRun(walk(), show)
    expect(walk().errors).toEqual([])
  }, 600_000)
}

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

describe('in the light', () => tour('light'))
describe('in the dark', () => tour('dark'))
