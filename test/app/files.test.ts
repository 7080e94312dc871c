import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { picture } from './support/browser.ts'
import { root } from './support/root.ts'
import { dropFile, walks } from './support/walk.ts'

const walk = walks()
const digits = readFileSync(join(root, 'samples', 'digits-cnn', 'model.onnx'))

it('opens a model that is dropped anywhere', async () => {
  const { page, errors } = walk()
  await dropFile(page, 'digits.onnx', digits.toString('base64'))
  await page.locator('.graph .row, .graph .fold').first().waitFor()
  expect(await page.locator('header.bar').textContent()).toContain('digits.onnx')
  expect(errors).toEqual([])
})

it('says of a corrupt file what is wrong, where, and what to do, and stays usable', async () => {
  const { page, errors } = walk()
  await dropFile(page, 'broken.onnx', digits.subarray(0, 5000).toString('base64'))
  const note = page.getByRole('alert')
  await note.waitFor()
  const text = await note.textContent()
  expect(text).toContain('broken.onnx')
  expect(text).toContain('Copy details')
  await picture(page, 'corrupt-file')
  await dropFile(page, 'digits.onnx', digits.toString('base64'))
  await page.locator('.graph .row, .graph .fold').first().waitFor()
  expect(errors).toEqual([])
})

it('says what can be dropped when something else is', async () => {
  const { page } = walk()
  await dropFile(page, 'holiday.png', 'AAAA')
  await page.getByText('holiday.png is no model, pipeline or data set').waitFor()
})
