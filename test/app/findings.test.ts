import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { modelFile, testFolder } from '../support/model-file.ts'
import { picture } from './support/browser.ts'
import { root } from './support/root.ts'
import { dropFile, openSample, runToEnd, walks } from './support/walk.ts'

const walk = walks()
const folder = testFolder()

/** A convolution behind a border of mirrored values: it looks like padding that could be folded in, and is not. */
const mirrored = `(x: float32[1, 4, 8, 8]) -> (y)
a = Pad(x, int64[8] {0, 0, 1, 1, 0, 0, 1, 1}) {mode: "reflect"}
y = Conv(a, float32[6, 4, 3, 3])`

it('reads in the margin why something nearly fuses', async () => {
  const { page, errors } = walk()
  await dropFile(page, 'mirrored.onnx', readFileSync(await modelFile(folder, mirrored)).toString('base64'))
  const note = page.locator('.margin-note.near-miss')
  await note.waitFor()
  expect(await note.textContent()).toMatch(/Near-miss: .*pads with copies of the values/)
  expect(await page.locator('.leaders path').count()).toBe(await page.locator('.margin-note').count())
  await picture(page, 'near-miss')
  await note.getByRole('button').click()
  await page.locator('.row.chosen').waitFor()
  expect(errors).toEqual([])
})

it('keeps a unit in float from the margin, and puts names on the nodes by a key', async () => {
  const { page, errors } = walk()
  await openSample(page)
  await page.keyboard.press('Control+f')
  await page.keyboard.type('layer.1 value matmul')
  await page.keyboard.press('Enter')
  const note = page.locator('.margin-note').filter({ hasText: 'query, key, value' }).first()
  await note.getByRole('button', { name: 'FP32' }).click()
  await page.locator('.card', { hasText: 'int8' }).last().click()
  const kept = await page.locator('.insp .form').textContent()
  for (const role of ['query', 'key', 'value']) expect(kept).toContain(`layer.1/attention/self/${role}/MatMul`)
  await page.locator('.tab', { hasText: 'Model' }).focus()
  await page.keyboard.press('Escape')
  await page.evaluate('document.activeElement.blur()')
  await page.keyboard.press('u')
  await page.locator('.row .label', { hasText: 'value/MatMul' }).first().waitFor()
  expect(errors).toEqual([])
})

it('lists all that is sensitive when one asks for it', async () => {
  const { page, errors } = walk()
  await openSample(page)
  const sensitive = page.locator('.insp .notes').last().locator('li')
  const more = page
    .locator('.insp')
    .getByRole('button', { name: /^List all \d+/ })
    .last()
  await more.waitFor()
  const all = Number.parseInt((await more.textContent())!.replace('List all ', ''), 10)
  expect(await sensitive.count()).toBeLessThan(all)
  await more.click()
  expect(await sensitive.count()).toBe(all)
  expect(errors).toEqual([])
})

it('compares with a file from disk', async () => {
  const { page, errors } = walk()
  await openSample(page)
  await page.getByRole('tab', { name: 'Diff' }).click()
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: /^A file from disk/ }).click()])
  await chooser.setFiles(join(root, 'samples', 'digits-cnn', 'model.onnx'))
  await page.locator('.ch').first().waitFor()
  await page.getByText('matched by structure').waitFor()
  await page.keyboard.press('n')
  await page.locator('.ch.on').waitFor()
  await picture(page, 'diff-with-a-file')
  expect(errors).toEqual([])
})

it('keeps the layer of a row in float and runs again', { timeout: 420_000 }, async () => {
  const { page, errors } = walk()
  await openSample(page)
  await runToEnd(page)
  await page.getByRole('tab', { name: /Layers/ }).click()
  const row = page.locator('table.L tbody tr', { hasText: 'attention.self' }).nth(1)
  await row.click()
  const before = await row.locator('td').nth(3).textContent()
  expect(before).toContain('MatMulIntegerToFloat')
  const side = page.getByRole('region', { name: 'Chosen layer' })
  await side.getByRole('button', { name: 'FP32' }).click()
  await side.getByRole('button', { name: 'Run again' }).click()
  await page.locator('.progress, [role=progressbar]').first().waitFor()
  await page
    .getByText(/^Run finished/)
    .first()
    .waitFor({ timeout: 170_000 })
  await page.getByRole('tab', { name: /Layers/ }).click()
  await expect.poll(() => row.locator('td').nth(3).textContent(), { timeout: 20_000 }).not.toContain('MatMulIntegerToFloat')
  expect(errors).toEqual([])
})
