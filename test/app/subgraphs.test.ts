import { expect, it } from 'vitest'
import { modelFile, testFolder } from '../support/model-file.ts'
import { objections } from './support/axe.ts'
import { picture } from './support/browser.ts'
import { walks } from './support/walk.ts'

const folder = testFolder()
const file = await modelFile(
  folder,
  `opset 17
  (c: bool[1], d: bool[1], x: float32[2, 4]) -> (y: float32[2, 4])
  y0 = If(c) {then_branch: { () -> (a) h = Relu(x) a = If(d) {then_branch: { () -> (e) e = Exp(h) }, else_branch: { () -> (f) f = Neg(h) }} }, else_branch: { () -> (b) b = Constant() {value_floats: [1.0]} }}
  y = Abs(y0)
  `,
)

const walk = walks({ places: [file] })

it('goes into the branches of an If, and the branches of one in there, and comes back', async () => {
  const { page, errors } = walk()
  const row = (name: string) => page.locator('.graph .row', { hasText: name })
  const crumbs = page.getByRole('navigation', { name: 'Groups around the selection' })
  await row('Abs').waitFor()
  await row('If').dblclick()
  await row('Relu').waitFor()
  expect(await row('Abs').count()).toBe(0)
  expect(await crumbs.textContent()).toContain('inside If')
  await row('If').click()
  await page.getByRole('button', { name: 'Go into subgraph 2' }).click()
  await row('Neg').waitFor()
  await row('Neg').click()
  await page.locator('.insp h2', { hasText: 'Neg' }).waitFor()
  await picture(page, 'subgraph-within')
  expect(await objections(page)).toEqual([])
  await crumbs
    .getByRole('button', { name: /^inside If/ })
    .first()
    .click()
  await row('Relu').waitFor()
  await crumbs.getByRole('button').first().click()
  await row('Abs').waitFor()
  expect(await crumbs.textContent()).not.toContain('inside')
  // Nothing but a constant in it: it says so, and one comes back all the same.
  await row('If').click()
  await page.getByRole('button', { name: 'Go into subgraph 2' }).click()
  await page.getByRole('heading', { name: 'This graph has no nodes' }).waitFor()
  await picture(page, 'subgraph-empty')
  await crumbs.getByRole('button').first().click()
  await row('Abs').waitFor()
  expect(errors).toEqual([])
})
