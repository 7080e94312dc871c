import { expect, it } from 'vitest'
import { objections } from './support/axe.ts'
import { picture } from './support/browser.ts'
import { openSample, runToEnd, walks } from './support/walk.ts'

const walk = walks()

it('tells of each layer what it loses alone after a search for a mixture, and of the whole its tail', async () => {
  const { page, errors } = walk()
  await openSample(page)
  await page.getByRole('button', { name: 'JSON' }).click()
  const text = page.getByLabel('Pipeline as JSON')
  const pipeline = JSON.parse(await text.inputValue()) as Record<string, unknown>
  const stages = [
    { id: 'tidy', pass: 'clean-up', options: {} },
    { id: 'fuse', pass: 'fuse', options: {} },
    { id: 'mix', pass: 'mixed-precision', options: { budget: { decibels: 25 }, samples: 8, seconds: 10, studySeconds: 3 } },
  ]
  const wires = [
    ['source', 'tidy'],
    ['tidy', 'fuse'],
    ['fuse', 'mix'],
  ]
  await text.fill(JSON.stringify({ ...pipeline, stages, wires }))
  await page
    .locator('#pipe-json-verdict')
    .getByText(/^valid/)
    .waitFor()
  await page.getByRole('button', { name: 'Graph', exact: true }).click()
  await runToEnd(page)
  await page.locator('.card', { hasText: 'mix' }).last().click()
  const table = page.locator('.sensitivity table')
  await table.waitFor()
  expect(await table.getByRole('columnheader').allTextContents()).toEqual(['Layer', 'alone', 'all but it', 'weights', 'activ.'])
  // The one that loses most comes first, and every figure is one.
  const alone = await table.locator('tbody tr td:nth-child(2)').allTextContents()
  const figures = alone.map(Number)
  expect(figures.length).toBeGreaterThan(10)
  expect(figures.every((figure) => Number.isFinite(figure))).toBe(true)
  expect(figures[0]!).toBeLessThan(figures.at(-1)!)
  await table.scrollIntoViewIfNeeded()
  await picture(page, 'sensitivity')
  expect(await objections(page)).toEqual([])
  expect(
    await page.evaluate('(() => { const panel = document.querySelector(".insp"); return panel.scrollWidth - panel.clientWidth })()'),
  ).toBe(0)
  await table.getByRole('button').first().click()
  await page.locator('.insp h3', { hasText: 'Outputs' }).waitFor()
  await page.getByRole('tab', { name: /^Layers/ }).click()
  const side = page.getByRole('complementary', { name: 'Candidates' })
  expect(await side.textContent()).toMatch(/95 % within.*ms.*99 % within.*ms.*Loading.*ms.*First run.*ms.*Peak memory/)
  await picture(page, 'layers-tail')
  expect(errors).toEqual([])
})
