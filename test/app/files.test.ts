import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { picture } from './support/browser.ts'
import { root } from './support/root.ts'
import { dropFile, walks } from './support/walk.ts'

const walk = walks()
const digits = readFileSync(join(root, 'samples', 'digits-cnn', 'model.onnx'))

it('has a picture for its tab', async () => {
  const { page } = walk()
  const href = await page.evaluate('document.querySelector("link[rel=icon]").href')
  const answer = await page.request.get(String(href))
  expect([answer.status(), answer.headers()['content-type']]).toEqual([200, 'image/svg+xml'])
  expect(await answer.text()).toContain('<title>Lathe</title>')
})

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
  // By the name that it was dropped under, not by where the host keeps its copy.
  expect(text).not.toContain('/')
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

it('says of a malformed pipeline which file it is and what is wrong with it', async () => {
  const { page, errors } = walk()
  await dropFile(page, 'mine.json', Buffer.from('{\n  "lathe": 1,\n  "stages" [\n').toString('base64'))
  const note = page.getByRole('alert')
  await note.waitFor()
  const text = await note.textContent()
  expect(text).toContain('mine.json is no JSON')
  expect(text).toContain('line 3, column')
  expect(text).not.toContain('bug')
  await dropFile(page, 'other.json', Buffer.from('{"lathe": 1, "stages": 5}').toString('base64'))
  await page.getByRole('alert').filter({ hasText: 'other.json' }).waitFor()
  expect(await note.textContent()).not.toContain('bug')
  expect(errors).toEqual([])
})

it('says so when the clipboard is refused', async () => {
  const { page, errors } = walk()
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(new Error('not allowed')) } })
  })
  await dropFile(page, 'holiday.png', 'AAAA')
  await page.getByRole('button', { name: 'Copy details' }).click()
  await page.getByText(/^Not copied/).waitFor()
  expect(errors).toEqual([])
})
