import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { objections } from './support/axe.ts'
import { picture } from './support/browser.ts'
import { holdOn } from './support/hold.ts'
import { knowsProcesses } from './support/host.ts'
import { exportButton, openSample, runButton, runToEnd, walks } from './support/walk.ts'

const walk = walks()

const tab = (page: Page, name: string) => page.getByRole('tab', { name: new RegExp(`^${name}`) }).click()

/** A picture for people, and what a machine can tell of it. */
async function shown(page: Page, name: string): Promise<void> {
  await picture(page, `state-${name}`)
  expect(await objections(page), name).toEqual([])
}

// First: afterwards there are recent files.
describe('a panel with nothing to show', () => {
  it('says what it would show and what to do', async () => {
    const { page, errors } = walk()
    await page.getByText('Models that you open are listed here').waitFor()
    await shown(page, 'empty-welcome')
    await openSample(page)
    for (const [name, says] of [
      ['Diff', 'There is only one version yet'],
      ['Layers', 'Nothing has been measured yet'],
      ['Candidates', 'No candidates yet'],
      ['Log', 'Nothing has run yet'],
    ] as const) {
      await tab(page, name)
      await page.getByRole('heading', { name: says }).waitFor()
      await shown(page, `empty-${name.toLowerCase()}`)
    }
    await tab(page, 'Model')
    await page.getByLabel('Find a pass').fill('nothing is called this')
    await page.getByText(/^No pass is called/).waitFor()
    await shown(page, 'empty-passes')
    await page.getByLabel('Find a pass').fill('')
    while (await page.locator('.card').nth(1).isVisible()) {
      await page.locator('.card').nth(1).focus()
      await page.keyboard.press('Delete')
    }
    await page.getByText(/^Drag passes here/).waitFor()
    expect(await runButton(page).isDisabled()).toBe(true)
    await shown(page, 'empty-pipeline')
    expect(errors).toEqual([])
  })
})

describe('a panel of which something went wrong', () => {
  it('says what, where and what to do', async () => {
    const { page, errors } = walk()
    await openSample(page)
    await page.getByRole('button', { name: 'JSON' }).click()
    const text = page.getByLabel('Pipeline as JSON')
    await text.fill((await text.inputValue()).replace('"perChannel": true', '"perChannel": true, "keep": ["nowhere"]'))
    await page
      .locator('#pipe-json-verdict')
      .getByText(/^valid/)
      .waitFor()
    await page.getByRole('button', { name: 'Graph', exact: true }).click()
    await runButton(page).click()
    for (const name of ['Model', 'Layers', 'Candidates', 'Log']) {
      await tab(page, name)
      const note = page.getByRole('alert').first()
      await note.waitFor({ timeout: 120_000 })
      expect(await note.textContent()).toMatch(/nowhere.*Copy details/)
      // The same run would end the same.
      expect(await note.getByRole('button', { name: 'Try again' }).count()).toBe(0)
      await shown(page, `failed-${name.toLowerCase()}`)
    }
    await page.locator('.card.failed', { hasText: 'int8' }).waitFor()
    expect(errors).toEqual([])
  })
})

describe('a panel that waits', () => {
  it('says for what', async () => {
    const { page, host, errors } = walk()
    // Kept back for moments only: a line that says nothing for long counts as broken.
    const hold = await holdOn(page)
    await page.goto(host.url)
    await page.getByText('Engine ready').waitFor()
    const sample = page.getByRole('button', { name: /Try the sample/ })
    await sample.click({ trial: true })
    hold.begin()
    await sample.click()
    await page.getByText(/^Opening /).waitFor()
    await shown(page, 'loading-model')
    hold.end()
    await page.locator('.graph .fold').first().waitFor()
    await shown(page, 'loading-passes')
    await page.locator('.badge.do').first().waitFor({ timeout: 120_000 })
    hold.begin()
    await page.locator('.graph .row').first().click()
    await page.getByText('Reading the node…').waitFor()
    await shown(page, 'loading-node')
    hold.end()
    await page.getByRole('heading', { name: 'Inputs', exact: false }).first().waitFor()
    await runButton(page).click()
    for (const [name, says] of [
      ['Layers', /^Running: layers are listed/],
      ['Candidates', /^Candidates appear here/],
    ] as const) {
      await tab(page, name)
      await page.getByText(says).waitFor()
      await shown(page, `loading-${name.toLowerCase()}`)
    }
    await page.locator('.chip', { hasText: 'int8' }).waitFor()
    await tab(page, 'Log')
    await page.locator('.log li', { hasText: /^.*int8: / }).waitFor({ timeout: 120_000 })
    hold.begin()
    await tab(page, 'Diff')
    await page.getByText(/^Comparing the graphs|^Opening the panel/).waitFor()
    await shown(page, 'loading-diff')
    hold.end()
    await page.locator('.ch').first().waitFor()
    await page.locator('footer').getByText('against source').waitFor({ timeout: 170_000 })
    await tab(page, 'Model')
    hold.begin()
    await exportButton(page).click()
    await page.getByText(/^Writing the file/).waitFor()
    await shown(page, 'loading-export')
    hold.end()
    await page.getByText('Verified as written').first().waitFor()
    expect(errors).toEqual([])
  })
})

describe.skipIf(!knowsProcesses)('a panel whose engine goes away while it asks', () => {
  it('asks the next engine by itself, and leaves to the user what writes a file', async () => {
    const { page, host, errors } = walk()
    const hold = await holdOn(page)
    await page.goto(host.url)
    await page.getByText('Engine ready').waitFor()
    await openSample(page)
    await page.locator('.badge.do').first().waitFor({ timeout: 120_000 })
    /** No answer comes before the engine is gone. */
    const goneWhile = async (ask: () => Promise<void>, waits: string | RegExp) => {
      const before = host.engine()!
      hold.begin()
      await ask()
      await page.getByText(waits).first().waitFor()
      process.kill(before, 'SIGKILL')
      hold.drop()
      await expect.poll(() => host.engine(), { timeout: 20_000 }).not.toBe(before)
    }
    await goneWhile(() => page.locator('.graph .row').first().click(), 'Reading the node…')
    await page.locator('.insp').getByRole('heading', { name: 'Inputs' }).waitFor()
    await page.getByText('Engine ready').waitFor()
    await exportButton(page).click()
    await goneWhile(() => page.getByRole('button', { name: 'Write the file' }).click(), /^Writing the file/)
    const note = page.getByRole('dialog').getByRole('alert')
    await note.waitFor()
    expect(await note.textContent()).toContain('The engine went away')
    await page.getByText('Engine ready').waitFor()
    await shown(page, 'failed-export')
    await note.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Verified as written').first().waitFor()
    expect(errors).toEqual([])
  })
})

describe('a panel with everything', () => {
  it('stands in a small window too', async () => {
    const { page, errors } = walk()
    await page.setViewportSize({ width: 1024, height: 700 })
    await openSample(page)
    await shown(page, 'full-model-small')
    await runToEnd(page)
    for (const name of ['Diff', 'Layers', 'Candidates', 'Log']) {
      await tab(page, name)
      await page.waitForTimeout(600)
      await shown(page, `full-${name.toLowerCase()}-small`)
      // Nothing runs out of the window sideways.
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1024)
    }
    expect(errors).toEqual([])
  })
})
