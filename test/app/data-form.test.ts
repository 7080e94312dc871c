import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { picture } from './support/browser.ts'
import { root } from './support/root.ts'
import { walks } from './support/walk.ts'

const folder = mkdtempSync(join(tmpdir(), 'lathe-data-form-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const samples = join(folder, 'digits')
mkdirSync(samples)
for (const file of ['model.onnx', 'calib.npz', 'eval.npz']) copyFileSync(join(root, 'samples', 'digits-cnn', file), join(samples, file))

const walk = walks({ places: [folder] })

it('makes a data set from a folder, shows its samples, and judges on it', async () => {
  const { page, errors } = walk()
  await page
    .getByRole('button', { name: /model\.onnx/ })
    .first()
    .click()
  await page.locator('.graph .row, .graph .fold').first().waitFor()
  await page.locator('.data-pick').click()
  await page.getByRole('menuitem', { name: /Make one from a folder/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Data set from a folder' })
  await dialog.getByLabel('Folder').fill(join(folder, 'nowhere'))
  await dialog.getByRole('button', { name: 'Look' }).click()
  await dialog.getByRole('alert').waitFor()
  await dialog.getByLabel('Folder').fill(samples)
  await dialog.getByRole('button', { name: 'Look' }).click()
  await dialog.getByText('float32[1, 1, 32, 32]').first().waitFor()
  expect(await dialog.textContent()).toContain("'labels' is no input of the model")
  await picture(page, 'data-form')
  await dialog.getByRole('combobox', { name: 'Metric' }).click()
  await page.getByRole('option', { name: 'top5' }).click()
  await dialog.getByRole('button', { name: 'Write dataset.json and use it' }).click()
  await dialog.waitFor({ state: 'hidden' })
  expect(await page.locator('.data-pick').textContent()).toContain('digits, 400 samples')
  expect(existsSync(join(samples, 'dataset.json'))).toBe(true)
  const written = JSON.parse(readFileSync(join(samples, 'dataset.json'), 'utf8')) as object
  expect(written).toMatchObject({ kind: 'npz', metric: { kind: 'top5' }, evaluation: { labels: 'labels' } })
  expect(errors).toEqual([])
})
