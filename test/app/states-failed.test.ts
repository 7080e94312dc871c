import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect, it } from 'vitest'
import { type Astray, astrayOn } from './support/astray.ts'
import { objections } from './support/axe.ts'
import { picture } from './support/browser.ts'
import { holdOn } from './support/hold.ts'
import { root } from './support/root.ts'
import { runButton, walks } from './support/walk.ts'

const folder = mkdtempSync(join(tmpdir(), 'lathe-states-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const samples = join(folder, 'digits')
mkdirSync(samples)
for (const file of ['model.onnx', 'calib.npz', 'eval.npz']) copyFileSync(join(root, 'samples', 'digits-cnn', file), join(samples, file))

const walk = walks({ places: [folder] })

async function shown(page: Page, name: string): Promise<void> {
  await picture(page, `state-${name}`)
  expect(await objections(page), name).toEqual([])
}

/** The panel says what went wrong, and is full once the same is asked again. */
async function failsAndRecovers(
  page: Page,
  astray: Astray,
  { name, call, panel, ask, full }: { name: string; call: string; panel: string; ask: () => Promise<void>; full: string },
): Promise<void> {
  astray.begin(call)
  await ask()
  const note = page.locator(panel).getByRole('alert').first()
  await note.waitFor()
  expect(await note.textContent(), name).toMatch(/Try again.*Copy details/)
  await shown(page, `failed-${name}`)
  astray.end()
  await note.getByRole('button', { name: 'Try again' }).click()
  await page.locator(full).first().waitFor()
  expect(await page.locator(panel).getByRole('alert').count(), name).toBe(0)
}

it('says in each panel what the engine could not tell, and asks again on request', async () => {
  const { page, host, errors } = walk()
  const astray = await astrayOn(page)
  await failsAndRecovers(page, astray, {
    ...{ name: 'recents', call: '/models/recents', panel: 'main', full: '.no-recent, table.rec' },
    ask: async () => void (await page.goto(host.url)),
  })
  await failsAndRecovers(page, astray, {
    ...{ name: 'graph', call: '/models/graphView', panel: 'main', full: '.graph .row, .graph .fold' },
    ask: () => page.getByRole('button', { name: /Try the sample/ }).click(),
  })
  await page.locator('.insp h3', { hasText: 'Facts' }).waitFor()
  await failsAndRecovers(page, astray, {
    ...{ name: 'model-inspector', call: '/models/inspect', panel: '.insp', full: '.insp h3:has-text("Facts")' },
    // The window comes back to its model, and asks of it anew.
    ask: async () => void (await page.goto(host.url)),
  })
  await failsAndRecovers(page, astray, {
    ...{ name: 'node', call: '/models/nodeDetail', panel: '.insp', full: '.insp h3:has-text("Outputs")' },
    ask: () => page.locator('.graph .row').first().click(),
  })
  await page.locator('.badge.do').first().waitFor({ timeout: 120_000 })
  await failsAndRecovers(page, astray, {
    ...{ name: 'passes', call: '/pipelines/wouldChange', panel: '.palette', full: '.badge.do' },
    ask: async () => {
      await page.locator('.target-pick').click()
      await page.getByRole('menuitem', { name: /TensorRT/ }).click()
    },
  })
  await runButton(page).click()
  await page.locator('.card.done', { hasText: 'fuse' }).waitFor({ timeout: 120_000 })
  await failsAndRecovers(page, astray, {
    ...{ name: 'diff', call: '/models/diff', panel: 'main', full: '.ch' },
    ask: () => page.getByRole('tab', { name: /^Diff/ }).click(),
  })
  expect(errors).toEqual([])
})

it('waits for a look into a folder of samples, and says what was wrong with it', async () => {
  const { page, host, errors } = walk()
  const hold = await holdOn(page)
  await page.goto(host.url)
  await page.getByText('Engine ready').waitFor()
  await page
    .getByRole('button', { name: /digits.model\.onnx/ })
    .first()
    .click()
  await page.locator('.graph .row, .graph .fold').first().waitFor()
  await page.locator('.data-pick').click()
  await page.getByRole('menuitem', { name: /Make one from a folder/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Data set from a folder' })
  await dialog.getByLabel('Folder').fill(join(folder, 'nowhere'))
  await shown(page, 'empty-data')
  await dialog.getByRole('button', { name: 'Look' }).click()
  await dialog.getByRole('alert').waitFor()
  expect(await dialog.getByRole('alert').textContent()).toContain('nowhere')
  await shown(page, 'failed-data')
  await dialog.getByLabel('Folder').fill(samples)
  hold.begin()
  await dialog.getByRole('button', { name: 'Look' }).click()
  await dialog
    .getByRole('status')
    .getByText(/^Looking into/)
    .waitFor()
  await shown(page, 'loading-data')
  hold.end()
  await dialog.getByText('float32[1, 1, 32, 32]').first().waitFor()
  expect(await dialog.getByRole('alert').count()).toBe(0)
  await shown(page, 'full-data')
  expect(errors).toEqual([])
})
