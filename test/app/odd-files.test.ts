import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { modelOf } from '../support/graph.ts'
import { modelFile, testFolder } from '../support/model-file.ts'
import { objections } from './support/axe.ts'
import { picture } from './support/browser.ts'
import { root } from './support/root.ts'
import { dropFile, walks } from './support/walk.ts'

const folder = testFolder()
const walk = walks()
const digits = readFileSync(join(root, 'samples', 'digits-cnn', 'model.onnx'))

const dropModel = async (page: Page, name: string, text: string, change?: (model: ReturnType<typeof modelOf>) => void) => {
  const model = modelOf(text)
  change?.(model)
  await dropFile(page, name, readFileSync(await modelFile(folder, model)).toString('base64'))
}

it.each([
  ['notes.txt', 'These are notes, and no model.'],
  ['empty.onnx', ''],
  ['page.onnx', '<!doctype html><html><body>404: Not Found</body></html>'],
])('says of %s that it is no model, and stays usable', async (name, content) => {
  const { page, errors } = walk()
  await dropFile(page, name, Buffer.from(content).toString('base64'))
  const note = page.getByRole('alert').first()
  await note.waitFor()
  expect(await note.textContent()).toContain(name)
  await picture(page, `odd-${name}`)
  expect(await objections(page)).toEqual([])
  await dropFile(page, 'digits.onnx', digits.toString('base64'))
  await page.locator('.graph .row, .graph .fold').first().waitFor()
  expect(errors).toEqual([])
})

it('shows the second of two models that are dropped at once', async () => {
  const { page, errors } = walk()
  await dropModel(page, 'second.onnx', '(x: float32[2]) -> (y: float32[2])\ny = Tanh(x)')
  await dropFile(page, 'digits.onnx', digits.toString('base64'))
  await page.locator('header.bar', { hasText: 'digits.onnx' }).waitFor()
  await page.locator('.graph .row', { hasText: 'Gemm' }).first().waitFor()
  expect(await page.locator('.graph .row', { hasText: 'Tanh' }).count()).toBe(0)
  expect(errors).toEqual([])
})

it('opens a model without nodes, and counts what passes would change in it', async () => {
  const { page, errors } = walk()
  await dropModel(page, 'through.onnx', '(x: float32[2]) -> (x)\n')
  await page.getByRole('heading', { name: 'This graph has no nodes' }).waitFor()
  await page.locator('.insp h3', { hasText: 'Facts' }).waitFor()
  await expect.poll(() => page.getByText('counting…').count(), { timeout: 20_000 }).toBe(0)
  await picture(page, 'odd-no-nodes')
  expect(await objections(page)).toEqual([])
  expect(errors).toEqual([])
})

const long = `/model/${'a_very_long_scope_name/'.repeat(12)}MatMul`

it('keeps long names within their places, and does without any', async () => {
  const { page, errors } = walk()
  await dropModel(
    page,
    `${'long-file-name-'.repeat(12)}.onnx`,
    '(x: float32[2, 4]) -> (y: float32[2, 4])\nw = float32[4, 4]\nh = MatMul(x, w)\ny = Relu(h)',
    (model) => {
      for (const [at, node] of model.graph.nodes.entries()) node.name = `${long}_${at}`
    },
  )
  await page.locator('.graph .row', { hasText: 'MatMul' }).first().click()
  await page.locator('.insp h2', { hasText: 'MatMul' }).waitFor()
  await picture(page, 'odd-long-names')
  // Nothing runs out of the window, nor out of the inspector.
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1440)
  expect(
    await page.evaluate('(() => { const panel = document.querySelector(".insp"); return panel.scrollWidth - panel.clientWidth })()'),
  ).toBeLessThanOrEqual(0)
  await dropModel(page, 'nameless.onnx', '(x: float32[2]) -> (y: float32[2])\nh = Exp(x)\ny = Relu(h)', (model) => {
    for (const node of model.graph.nodes) node.name = ''
  })
  await page.locator('.graph .row', { hasText: 'Exp' }).click()
  await page.locator('.insp h2', { hasText: 'Exp' }).waitFor()
  await picture(page, 'odd-nameless')
  expect(await objections(page)).toEqual([])
  expect(errors).toEqual([])
})
