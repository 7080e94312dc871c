import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { objections } from './support/axe.ts'
import { picture } from './support/browser.ts'
import { openSample, runToEnd, walks } from './support/walk.ts'

const walk = walks({ scheme: 'dark' })

async function dragTo(page: Page, from: string, spot: unknown): Promise<void> {
  const target = page.locator(`[data-spot='${JSON.stringify(spot)}']`)
  const data = await page.evaluateHandle(() => new DataTransfer())
  await page.locator(from).dispatchEvent('dragstart', { dataTransfer: data })
  await target.dispatchEvent('dragover', { dataTransfer: data })
  await target.dispatchEvent('drop', { dataTransfer: data })
}

const cards = (page: Page) => page.locator('.card .l1 b').allTextContents()

describe('the graph', () => {
  it('opens a layer, finds nodes, and says what is selected', async () => {
    const { page, errors } = walk()
    await openSample(page)
    await page.locator('.fold-open').first().click()
    await page.keyboard.press('Control+f')
    await page.keyboard.type('query matmul')
    await page.keyboard.press('Enter')
    await page.locator('.row.chosen').waitFor()
    await page.locator('.histogram').first().waitFor()
    expect(await page.locator('.insp h2').first().textContent()).toBe('MatMul')
    expect(Number(await page.locator('.graph').getAttribute('data-nodes'))).toBeLessThanOrEqual(300)
    await picture(page, 'node-dark')
    expect(await objections(page)).toEqual([])
    expect(errors).toEqual([])
  })
})

describe('the pipeline', () => {
  it('is built by drag and drop, branches, and undoes', async () => {
    const { page, errors } = walk()
    await openSample(page)
    const before = await cards(page)
    await dragTo(page, '.pass:has-text("Convert to 16-bit")', { branch: 'fuse' })
    expect(await cards(page)).toHaveLength(before.length + 1)
    await dragTo(page, '.pass:has-text("Freeze shapes")', { on: ['source', before[1]!] })
    const after = await cards(page)
    expect(after).toContain('freeze-shapes')
    expect(await page.locator('.pipe svg .e').count()).toBeGreaterThan(after.length)
    await picture(page, 'pipeline-branched-dark')
    await page.keyboard.press('Control+z')
    await page.keyboard.press('Control+z')
    expect(await cards(page)).toEqual(before)
    expect(errors).toEqual([])
  })

  it('takes the wish to keep a sensitive node in float, for all identical layers', async () => {
    const { page, errors } = walk()
    await openSample(page)
    await page.keyboard.press('Control+f')
    await page.keyboard.type('query matmul')
    // The first layer is not identical to the others (it also makes what they share).
    for (let match = 0; match < 2; match++) await page.keyboard.press('Enter')
    const note = page.locator('.sensitive-note')
    await note.getByRole('checkbox', { name: 'all 3 layers' }).check()
    await note.getByRole('button', { name: 'FP32' }).click()
    await note.getByText(/^An option of/).waitFor()
    await page.locator('.card', { hasText: 'int8' }).last().click()
    const kept = await page.locator('.insp .form').textContent()
    expect(kept).toContain('/attention/self/query/MatMul')
    await picture(page, 'keep-dark')
    expect(errors).toEqual([])
  })
})

describe('after a run', () => {
  it('shows layers, candidates, the diff and the log', async () => {
    const { page, errors } = walk()
    await openSample(page)
    await runToEnd(page)
    await page.getByRole('tab', { name: /Layers/ }).click()
    await page.locator('table.L tbody tr').first().waitFor()
    // Source and candidate of each row, with what repeated profiles came to.
    expect(await page.locator('table.L .whisker').count()).toBeGreaterThan(20)
    await picture(page, 'layers-dark')
    expect(await objections(page)).toEqual([])
    await page.getByRole('tab', { name: /Candidates/ }).click()
    await page.locator('.wide-table').waitFor()
    const stored = page.getByRole('region', { name: 'Where the bytes go' })
    expect(await stored.getByRole('img').last().getAttribute('aria-label')).toMatch(/float32 .*int8 .*graph/)
    expect(await stored.locator('dd').textContent()).toMatch(/MB.*−\d+ %/)
    const became = page.getByRole('region', { name: 'What became of the graph' })
    expect(await became.getByRole('listitem').count()).toBeGreaterThan(3)
    expect(await became.textContent()).toContain('MatMul')
    await picture(page, 'candidates-dark')
    await page.getByRole('tab', { name: 'Diff' }).click()
    await page.locator('.ch').first().waitFor()
    await page.keyboard.press('n')
    await page.keyboard.press('n')
    await page.locator('.ch.on').waitFor()
    expect(await page.locator('.pair-canvas .row.lit').count()).toBeGreaterThan(0)
    await picture(page, 'diff-dark')
    await page.getByRole('tab', { name: 'Model' }).click()
    await page.getByRole('tab', { name: 'Log' }).click()
    expect(await page.locator('.log li').count()).toBeGreaterThan(3)
    expect(errors).toEqual([])
  })
})
