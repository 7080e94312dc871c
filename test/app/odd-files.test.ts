import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { info, modelBytes, nodeProto } from '../support/onnx-bytes.ts'
import { objections } from './support/axe.ts'
import { picture } from './support/browser.ts'
import { root } from './support/root.ts'
import { dropFile, walks } from './support/walk.ts'

const walk = walks()
const digits = readFileSync(join(root, 'samples', 'digits-cnn', 'model.onnx'))

type Parts = Parameters<typeof modelBytes>[0]

const dropModel = (page: Page, name: string, parts: Parts) => dropFile(page, name, Buffer.from(modelBytes(parts)).toString('base64'))

/** A chain of two nodes that are called so. */
const chain = (first: string, second: string, name: (at: number) => string): Parts => ({
  node: [nodeProto(first, ['x'], ['h'], { name: name(0) }), nodeProto(second, ['h'], ['y'], { name: name(1) })],
  input: [info('x', 1, [2, 4])],
  output: [info('y', 1, [2, 4])],
})

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
  await dropModel(
    page,
    'first.onnx',
    chain('Tanh', 'Relu', () => ''),
  )
  await dropFile(page, 'digits.onnx', digits.toString('base64'))
  await page.locator('header.bar', { hasText: 'digits.onnx' }).waitFor()
  await page.locator('.graph .row', { hasText: 'Gemm' }).first().waitFor()
  expect(await page.locator('.graph .row', { hasText: 'Tanh' }).count()).toBe(0)
  expect(errors).toEqual([])
})

it('opens a model without nodes, and counts what passes would change in it', async () => {
  const { page, errors } = walk()
  await dropModel(page, 'through.onnx', { input: [info('x', 1, [2])], output: [info('x', 1, [2])] })
  await page.getByRole('heading', { name: 'This graph has no nodes' }).waitFor()
  await page.locator('.insp h3', { hasText: 'Facts' }).waitFor()
  await expect.poll(() => page.getByText('counting…').count(), { timeout: 20_000 }).toBe(0)
  await picture(page, 'odd-no-nodes')
  expect(await objections(page)).toEqual([])
  expect(errors).toEqual([])
})

const long = `/model/${'a_very_long_scope_name/'.repeat(12)}Softplus`

it('keeps long names within their places, and does without any', async () => {
  const { page, errors } = walk()
  const name = `${'long-file-name-'.repeat(12)}.onnx`
  await dropModel(
    page,
    name,
    chain('Softplus', 'Relu', (at) => `${long}_${at}`),
  )
  await page.locator('.graph .row', { hasText: 'Softplus' }).first().click()
  await page.locator('.insp h2', { hasText: 'Softplus' }).waitFor()
  await picture(page, 'odd-long-names')
  // Nothing runs out of the window, nor out of the inspector.
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1440)
  expect(
    await page.evaluate('(() => { const panel = document.querySelector(".insp"); return panel.scrollWidth - panel.clientWidth })()'),
  ).toBeLessThanOrEqual(0)
  await dropModel(
    page,
    'nameless.onnx',
    chain('Exp', 'Relu', () => ''),
  )
  await page.locator('.graph .row', { hasText: 'Exp' }).click()
  await page.locator('.insp h2', { hasText: 'Exp' }).waitFor()
  await picture(page, 'odd-nameless')
  expect(await objections(page)).toEqual([])
  expect(errors).toEqual([])
})
