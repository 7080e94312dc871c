import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { modelFile, testFolder } from '../support/model-file.ts'
import { objections } from './support/axe.ts'
import { picture } from './support/browser.ts'
import { root } from './support/root.ts'
import { dropFile, exportButton, runButton, runToEnd, walks } from './support/walk.ts'

const walk = walks()
const folder = testFolder()
const digits = readFileSync(join(root, 'samples', 'digits-cnn', 'model.onnx')).toString('base64')
const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
  { width: 900, height: 700 },
] as const

const documentWidth = (page: Page) => page.evaluate<number>('document.documentElement.scrollWidth')

/** What of a button the window shows, and that a click in its middle reaches it and nothing else. */
async function reachable(page: Page, button: Locator): Promise<void> {
  const box = (await button.boundingBox())!
  expect(box.x).toBeGreaterThanOrEqual(0)
  expect(box.x + box.width).toBeLessThanOrEqual(page.viewportSize()!.width)
  await button.click({ trial: true, timeout: 5000 })
}

it('keeps Run and Export in the window however long the name of a model is', async () => {
  const { page, errors } = walk()
  for (const letters of [60, 110]) {
    const name = 'm'.repeat(letters)
    await dropFile(page, `${name}.onnx`, digits)
    await page.locator('.model-name', { hasText: name }).waitFor()
    await page.locator('.graph .row, .graph .fold').first().waitFor()
    for (const size of sizes) {
      await page.setViewportSize(size)
      await reachable(page, runButton(page))
      await reachable(page, exportButton(page))
      expect(await documentWidth(page)).toBe(size.width)
      const crumb = page.locator('.crumb > button')
      expect(await crumb.getAttribute('title')).toBe(name)
      const [graph, step] = [(await page.locator('.crumb').locator('..').boundingBox())!, (await crumb.boundingBox())!]
      expect(step.x + step.width).toBeLessThanOrEqual(graph.x + graph.width)
      expect(await crumb.evaluate((one) => getComputedStyle(one).textOverflow)).toBe('ellipsis')
      await picture(page, `name-${letters}-${size.width}`)
    }
  }
  expect(errors).toEqual([])
})

/** A small network, and for the last stage of the pipeline one that leaves a single bit of its weights. */
async function openWithBinaryWeights(page: Page): Promise<void> {
  const layers = [0, 1, 2].map((n) => `a${n} = MatMul(x${n}, float32[64, 64])\nx${n + 1} = Tanh(a${n})`).join('\n')
  const path = await modelFile(folder, `(x0: float32[8, 64]) -> (x3)\n${layers}`)
  await dropFile(page, 'dense.onnx', readFileSync(path).toString('base64'))
  await page.locator('.card').nth(1).waitFor()
  await page.getByRole('button', { name: 'JSON', exact: true }).click()
  const text = page.getByLabel('Pipeline as JSON')
  const pipeline = JSON.parse(await text.inputValue()) as { stages: { id: string }[] }
  const last = { id: pipeline.stages.at(-1)!.id, pass: 'quantize-weights', options: { bits: 2, levels: 'binary', method: 'rtn' } }
  await text.fill(JSON.stringify({ ...pipeline, stages: [...pipeline.stages.slice(0, -1), last] }))
  await page
    .locator('#pipe-json-verdict')
    .getByText(/^valid/)
    .waitFor()
  await page.getByRole('button', { name: 'Graph', exact: true }).click()
}

it('shows after a run what it came to, and every tool above the graph', async () => {
  const { page, errors } = walk()
  await openWithBinaryWeights(page)
  await runToEnd(page)
  // What is of no use is said over the graph until one closes it, and beside the tables and the export.
  const warning = page.locator('.unusable')
  expect(await warning.textContent()).toMatch(
    /Not usable as it is: the SQNR of its outputs against those of the source is only [−\d.]+ dB, on random inputs/,
  )
  expect(await objections(page)).toEqual([])
  await warning.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('tab', { name: /^Candidates/ }).click()
  await page.getByRole('complementary', { name: 'Candidates' }).locator('.unusable').waitFor()
  await page.locator('table.F').getByText('not usable as it is').waitFor()
  await exportButton(page).click()
  await page.getByRole('dialog').getByText('Verified as written').waitFor()
  await page.getByRole('dialog').locator('.unusable').waitFor()
  await picture(page, 'export-of-no-use')
  await page.keyboard.press('Escape')
  await page.getByRole('tab', { name: /^Model/ }).click()
  expect(await warning.count()).toBe(0)
  for (const size of sizes) {
    await page.setViewportSize(size)
    for (const mode of ['op class', 'runtime precision']) {
      await page
        .getByRole('button', { name: /op class|runtime precision/ })
        .first()
        .click()
      await page.getByRole('menuitem', { name: mode }).click()
      await reachable(page, page.getByTitle('Show at full size'))
      await reachable(page, page.getByRole('button', { name: 'Show all' }))
      // What the graph is coloured by is read in full, and said with its label even where there is no room to show that.
      const chosen = page.getByRole('button', { name: `Colour by ${mode}` }).locator('b')
      expect(await chosen.evaluate((one) => one.scrollWidth - one.clientWidth)).toBe(0)
    }
    const [strip, badge] = [(await page.locator('.pipe').boundingBox())!, (await page.locator('.cand').boundingBox())!]
    expect(badge.x).toBeGreaterThanOrEqual(strip.x)
    expect(badge.x + badge.width).toBeLessThanOrEqual(strip.x + strip.width)
    expect(badge.y + badge.height).toBeLessThanOrEqual(strip.y + strip.height)
    expect(await page.locator('.cand').textContent()).toMatch(/^A not usable as it is.*latency.*size.*SQNR$/)
    await page.locator('.cand').click({ trial: true, timeout: 5000 })
    expect(await documentWidth(page)).toBe(size.width)
    await picture(page, `after-a-run-${size.width}`)
  }
  expect(errors).toEqual([])
})

it('shows the name of a border beside a type that is longer than the inspector', async () => {
  const { page, errors } = walk()
  const dims = ['a', 'b', 'c'].map((letter) => `dynamic_dimension_of_${letter.repeat(24)}`).join(', ')
  const path = await modelFile(folder, `(pixels: float32[${dims}]) -> (scores)\nscores = Relu(pixels)`)
  await dropFile(page, 'long.onnx', readFileSync(path).toString('base64'))
  const name = page.locator('.insp .io p > :first-child', { hasText: 'pixels' })
  await name.waitFor()
  const [panel, box] = [(await page.locator('.insp').boundingBox())!, (await name.boundingBox())!]
  expect(box.width).toBeGreaterThan(30)
  const type = page.locator('.insp .io p > :last-child').first()
  const shown = (await type.boundingBox())!
  expect(shown.x + shown.width).toBeLessThanOrEqual(panel.x + panel.width)
  expect(await type.getAttribute('title')).toContain(dims)
  expect(errors).toEqual([])
})
