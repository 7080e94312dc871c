import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { objections } from './support/axe.ts'
import { picture } from './support/browser.ts'
import { openSample, walks } from './support/walk.ts'

const walk = walks()

const panel = (page: Page) => page.getByRole('region', { name: 'Recommendation' })
const step = (page: Page, question: string) => panel(page).locator('.decision', { hasText: question })
const answer = (page: Page, question: string) => step(page, question).locator('.answer b')
const proposed = (page: Page) => panel(page).locator('.proposed .chip').allTextContents()
const cards = (page: Page) => page.locator('.card .l1 b').allTextContents()

/** Opens the answers of a question and takes one, as a user does. */
async function decide(page: Page, question: string, title: string): Promise<void> {
  const button = step(page, question).locator('.answer')
  if ((await button.getAttribute('aria-expanded')) === 'false') await button.click()
  await step(page, question).locator('.answers').getByText(title, { exact: true }).click()
  await answer(page, question).getByText(title, { exact: true }).waitFor()
}

it('shows the way to a pipeline, and what follows when a decision on it is changed', async () => {
  const { page, errors } = walk()
  await openSample(page)
  const before = await cards(page)
  await page.getByRole('button', { name: 'Presets and pipeline file' }).click()
  await page.getByRole('menuitem', { name: /^Recommend/ }).click()
  await panel(page).getByText('Recommended for this model').waitFor()
  const questions = await panel(page).locator('.decision .question').allTextContents()
  expect(questions).toEqual([
    ...['Where will it be deployed?', 'What can be fused?', 'How much loss is allowed?'],
    ...['Can it be quantized?', 'Does it need data?', 'Which strategy?', 'The pipeline'],
  ])
  for (const reason of await panel(page).locator('.decision .reason').allTextContents()) expect(reason.length).toBeGreaterThan(20)
  expect(await proposed(page)).toEqual(['clean-up', 'fuse', 'quantize-dynamic'])

  // Calibration samples change the strategy, which nobody has chosen.
  await decide(page, 'Does it need data?', 'Yes, calibration samples')
  await step(page, 'Which strategy?').getByText('was: INT8, products as they run').waitFor()
  expect(await proposed(page)).toEqual(['clean-up', 'fuse', 'quantize-static'])
  await picture(page, 'recommend-changed')
  expect(await objections(page)).toEqual([])

  // What was decided and cannot be any more is refused with its reason, and the path goes on.
  await decide(page, 'Which strategy?', 'INT8, products as they run')
  await decide(page, 'How much loss is allowed?', 'Hardly any')
  expect(await step(page, 'Which strategy?').locator('.refused').textContent()).toContain('It costs more than is allowed above.')
  expect(await proposed(page)).toEqual(['clean-up', 'fuse', 'mixed-precision'])
  await decide(page, 'How much loss is allowed?', 'None')
  await step(page, 'Which strategy?').waitFor({ state: 'detached' })
  expect(await proposed(page)).toEqual(['clean-up', 'fuse'])
  await step(page, 'How much loss is allowed?').getByRole('button', { name: 'As recommended' }).click()
  await answer(page, 'How much loss is allowed?').getByText('Some, as measured').waitFor()

  // An answer that is not possible says why, and cannot be taken.
  await step(page, 'What can be fused?').locator('.answer').click()
  expect(
    await step(page, 'What can be fused?')
      .getByRole('radio', { name: /What its operator set has/ })
      .isDisabled(),
  ).toBe(true)

  await decide(page, 'Where will it be deployed?', 'LiteRT on phones')
  await panel(page).getByRole('button', { name: 'Use this pipeline' }).click()
  await panel(page).waitFor({ state: 'detached' })
  expect(await cards(page)).toEqual(['source', 'tidy', 'fuse', 'static'])
  await page.locator('header.bar').getByText('LiteRT (.tflite)').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  expect(await cards(page)).toEqual(before)
  expect(errors).toEqual([])
})

it('is asked for by name from wherever one is, and for the model on screen', async () => {
  const { page, errors } = walk()
  await openSample(page)
  await page.getByRole('tab', { name: /Layers/ }).click()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('recommend')
  await page.keyboard.press('Enter')
  await panel(page).getByText('Recommended for this model').waitFor()
  // With the keyboard alone: the answers are one group of radio buttons.
  await step(page, 'How much loss is allowed?').locator('.answer').focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowUp')
  await step(page, 'How much loss is allowed?').getByText('your choice').waitFor()
  expect(await answer(page, 'How much loss is allowed?').textContent()).toBe('Hardly any')
  await panel(page).getByRole('button', { name: 'Not now' }).click()
  await panel(page).waitFor({ state: 'detached' })
  expect(errors).toEqual([])
})
