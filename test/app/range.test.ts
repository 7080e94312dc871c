import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { objections } from './support/axe.ts'
import { picture } from './support/browser.ts'
import { openSample, walks } from './support/walk.ts'

const walk = walks()

/** Draws a rectangle over the graph from above the first to below the last of some rows. */
async function drawOver(page: Page, key: 'Shift' | 'Control', rows: readonly [number, number]): Promise<void> {
  const boxes = page.locator('.graph .row')
  const [first, last] = [(await boxes.nth(rows[0]).boundingBox())!, (await boxes.nth(rows[1]).boundingBox())!]
  const [left, right] = [Math.min(first.x, last.x), Math.max(first.x + first.width, last.x + last.width)]
  const [top, bottom] = [Math.min(first.y, last.y), Math.max(first.y + first.height, last.y + last.height)]
  await page.keyboard.down(key)
  await page.mouse.move(left - 6, top - 6)
  await page.mouse.down()
  await page.mouse.move((left + right) / 2, (top + bottom) / 2)
  await page.mouse.move(right + 6, bottom + 6)
  await page.locator('.graph .range').waitFor()
  await picture(page, `range-${key.toLowerCase()}`)
  await page.mouse.up()
  await page.keyboard.up(key)
  await page.locator('.graph .range').waitFor({ state: 'detached' })
}

it('selects what a rectangle touches, adds and takes away, and keeps all of it in float at once', async () => {
  const { page, errors } = walk()
  await openSample(page)
  const before = await page.locator('.react-flow__viewport').getAttribute('style')
  await drawOver(page, 'Shift', [0, 3])
  const chosen = page.locator('.graph .row.chosen')
  expect(await chosen.count()).toBeGreaterThan(1)
  await page.locator('.insp h2', { hasText: /^\d+ nodes$/ }).waitFor()
  const count = Number.parseInt((await page.locator('.insp h2').first().textContent())!, 10)
  expect(count).toBeGreaterThanOrEqual(await chosen.count())
  // The picture has not moved under it.
  expect(await page.locator('.react-flow__viewport').getAttribute('style')).toBe(before)
  await picture(page, 'several-nodes')
  expect(await objections(page)).toEqual([])
  await chosen.first().click({ modifiers: ['Shift'] })
  await page.locator('.insp h2', { hasText: `${count - 1} nodes` }).waitFor()
  // All of one kind: keeping them is one option of the passes that lower precision.
  await page.locator('.graph .row', { hasText: 'Gemm' }).first().click()
  await page.locator('.insp').getByRole('button', { name: 'Select them' }).click()
  await page.locator('.insp h2', { hasText: '2 nodes' }).waitFor()
  await page.locator('.insp').getByRole('button', { name: 'FP32' }).click()
  await page.locator('.card', { hasText: 'int8' }).last().click()
  const kept = (await page.locator('.insp .form').textContent())!
  expect(kept).toContain('/pooler/dense/Gemm')
  expect(kept).toContain('/classifier/Gemm')
  expect(errors).toEqual([])
})

it('shows as large as can be what a rectangle holds, and lets go by Escape', async () => {
  const { page, errors } = walk()
  await openSample(page)
  const zoom = page.getByTitle('Show at full size')
  const before = Number.parseInt((await zoom.textContent())!, 10)
  await drawOver(page, 'Control', [0, 1])
  await expect.poll(async () => Number.parseInt((await zoom.textContent())!, 10)).toBeGreaterThan(before)
  await page.getByRole('button', { name: 'Show all' }).click()
  await drawOver(page, 'Shift', [0, 3])
  await page.locator('.graph .row.chosen').first().waitFor()
  await page.keyboard.press('Escape')
  await page.locator('.graph .row.chosen').first().waitFor({ state: 'detached' })
  expect(errors).toEqual([])
})
