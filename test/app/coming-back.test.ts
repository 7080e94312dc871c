import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { picture } from './support/browser.ts'
import { knowsProcesses, startHost } from './support/host.ts'
import { root } from './support/root.ts'
import { dropFile, exportButton, openSample, runButton, runToEnd, walks } from './support/walk.ts'

const walk = walks()
const digits = readFileSync(join(root, 'samples', 'digits-cnn', 'model.onnx'))

const cancelButton = (page: Page) => page.locator('footer').getByRole('button', { name: 'Cancel' })
const bars = (page: Page) => page.getByRole('progressbar', { name: 'Run' })
const doneCards = (page: Page) => page.locator('.card.done').count()

async function runUntilFirstStage(page: Page): Promise<void> {
  await openSample(page)
  await runButton(page).click()
  await page.locator('.card.done').first().waitFor({ timeout: 120_000 })
}

it('finds the model, the pipeline and the run that is going on after it is loaded again', async () => {
  const { page, errors } = walk()
  await runUntilFirstStage(page)
  const cards = await page.locator('.card .l1 b').allTextContents()
  await page.reload()
  await bars(page).waitFor()
  await page.locator('.graph .fold').first().waitFor()
  await page.locator('.card.done').first().waitFor()
  expect(await page.locator('.card .l1 b').allTextContents()).toEqual(cards)
  expect(await page.locator('header.bar').textContent()).toContain('1,000 samples')
  await picture(page, 'reloaded-mid-run')
  await page.locator('footer').getByText('against source').waitFor({ timeout: 170_000 })
  expect(errors).toEqual([])
})

it('goes back to the welcome, where a second window finds the run that is going on', async () => {
  const { page, host, errors } = walk()
  await runUntilFirstStage(page)
  const second = await page.context().newPage()
  await second.goto(host.url)
  await openSample(second)
  await second.locator('header.bar').getByRole('button', { name: 'Lathe' }).click()
  const run = second.locator('.engine-runs tr').first()
  await run.getByText('going on').waitFor()
  await run.getByRole('button').click()
  await bars(second).waitFor()
  await second.locator('.card.done').first().waitFor()
  // Closed by name, it stays closed when the window is loaded again.
  await second.keyboard.press('Control+k')
  await second.getByPlaceholder('Commands and passes').fill('welcome')
  await second.keyboard.press('Enter')
  await second.getByRole('button', { name: /Try the sample/ }).waitFor()
  await second.reload()
  await second.getByText('Engine ready').waitFor()
  await second.getByRole('button', { name: /Try the sample/ }).waitFor()
  await second.keyboard.press('Control+k')
  await second.getByPlaceholder('Commands and passes').fill('open recent')
  await second.keyboard.press('Enter')
  await second.locator('.graph .fold').first().waitFor()
  await cancelButton(page).click()
  await runButton(page).waitFor({ timeout: 30_000 })
  expect(errors).toEqual([])
})

it('finds the results of a finished run after it is loaded again, and exports them', async () => {
  const { page, host, errors } = walk()
  await openSample(page)
  await runToEnd(page)
  await page.getByRole('tab', { name: /Layers/ }).click()
  const rows = await page.locator('table.L tbody tr').count()
  const figures = await page.locator('footer').textContent()
  await page.reload()
  await page.locator('table.L tbody tr').first().waitFor()
  expect(await page.locator('table.L tbody tr').count()).toBe(rows)
  expect(await page.locator('footer').textContent()).toBe(figures)
  await page.getByRole('tab', { name: 'Diff' }).click()
  await page.locator('.ch').first().waitFor()
  const [download] = await Promise.all([page.waitForEvent('download'), exportButton(page).click()])
  expect(download.suggestedFilename()).toBe('model-int8.onnx')
  await page.getByText('Verified as written').first().waitFor()
  // An engine that dies takes the versions of the run with it: the window says so, and does not offer what cannot be.
  if (knowsProcesses) {
    await page.keyboard.press('Escape')
    process.kill(host.engine()!, 'SIGKILL')
    await page.getByText(/The engine was restarted/).waitFor()
    await exportButton(page).click()
    await page.getByText(/no longer has the result of int8/).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Run again' }).click()
    await bars(page).waitFor()
  }
  expect(errors).toEqual([])
})

it('hears a run further when its line to the engine breaks', async () => {
  const { page, host, errors } = walk()
  await page.addInitScript(keepSockets)
  await page.reload()
  await page.getByText('Engine ready').waitFor()
  await runUntilFirstStage(page)
  const engine = host.engine()
  expect(await page.evaluate(breakLines)).toBe(1)
  await page.getByText('The line to the engine broke during a run').waitFor()
  await page.getByText('The line to the engine broke during a run').waitFor({ state: 'detached' })
  await bars(page).waitFor()
  await page.locator('footer').getByText('against source').waitFor({ timeout: 170_000 })
  expect(await page.locator('.log li').count()).toBe(0)
  await page.getByRole('tab', { name: 'Log' }).click()
  const lines = await page.locator('.log li').allTextContents()
  expect(lines.filter((line) => /finished$/.test(line))).toHaveLength(1)
  expect(host.engine()).toBe(engine)
  expect(errors).toEqual([])
})

it('shows the same run in two windows, ends it in both, and lets neither close the model of the other', async () => {
  const { page, host, errors } = walk()
  const second = await page.context().newPage()
  await runUntilFirstStage(page)
  await second.goto(host.url)
  const row = second.locator('.engine-runs button').first()
  await row.waitFor()
  await picture(second, 'welcome-with-a-run')
  await row.click()
  await bars(second).waitFor()
  await second.locator('.graph .fold').first().waitFor()
  await second.locator('.card.done').first().waitFor()
  await cancelButton(second).click()
  for (const each of [page, second]) {
    await each.getByText(/Run cancelled/).waitFor({ timeout: 30_000 })
    expect(await doneCards(each)).toBeGreaterThan(0)
  }
  // The second window lets go of the model: the first goes on with it.
  await dropFile(second, 'digits.onnx', digits.toString('base64'))
  await second.locator('header.bar').getByText('digits.onnx').waitFor()
  await runButton(page).click()
  await page.locator('footer').getByText('against source').waitFor({ timeout: 170_000 })
  expect(errors).toEqual([])
})

it('queues a run behind that of another window, and says so', async () => {
  const { page, host, errors } = walk()
  const second = await page.context().newPage()
  await second.goto(host.url)
  await Promise.all([openSample(page), openSample(second)])
  await runButton(page).click()
  await cancelButton(page).waitFor()
  await runButton(second).click()
  await second.getByText('waiting for the run before it').waitFor()
  await cancelButton(page).click()
  await second.locator('.card.done').first().waitFor({ timeout: 120_000 })
  await cancelButton(second).click()
  await second.getByText(/Run cancelled/).waitFor({ timeout: 30_000 })
  expect(errors).toEqual([])
})

it('says that its host has ended, and finds its model with the next one', async () => {
  const { page, errors } = walk()
  const first = await startHost()
  await page.goto(first.url)
  await page.getByText('Engine ready').waitFor()
  await openSample(page)
  await first.close()
  await page.getByText('Lathe has ended: start it again').waitFor()
  const { port } = new URL(first.url)
  const next = await startHost('--port', port)
  try {
    await page.goto(next.url)
    await page.locator('.graph .fold').first().waitFor()
    await page.locator('header.bar').getByText('1,000 samples').waitFor()
    expect(errors).toEqual([])
  } finally {
    await next.close()
  }
})

/** Real sockets, kept where the walk finds them. */
function keepSockets(): void {
  const sockets: WebSocket[] = []
  class Kept extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      sockets.push(this)
    }
  }
  Object.assign(window, { WebSocket: Kept, sockets })
}

/** What a sleeping machine does to them. @returns how many were open */
function breakLines(): number {
  const { sockets } = window as unknown as { sockets: WebSocket[] }
  const open = sockets.filter(({ readyState }) => readyState === WebSocket.OPEN)
  for (const socket of open) socket.close()
  return open.length
}
