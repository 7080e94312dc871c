import { expect, it } from 'vitest'
import { picture } from './support/browser.ts'
import { knowsProcesses } from './support/host.ts'
import { openSample, runButton, walks } from './support/walk.ts'

const walk = walks()

it('cancels a run, and says so', async () => {
  const { page, errors } = walk()
  await openSample(page)
  await runButton(page).click()
  await page.locator('footer').getByRole('button', { name: 'Cancel' }).click()
  await runButton(page).waitFor({ timeout: 20_000 })
  await page.getByText(/Run cancelled/).waitFor()
  expect(errors).toEqual([])
})

it.skipIf(!knowsProcesses)('outlives the death of the engine, and goes on with what had finished', async () => {
  const { page, host, errors } = walk()
  await openSample(page)
  await runButton(page).click()
  await page.locator('.card.done').first().waitFor({ timeout: 120_000 })
  const before = host.engine()!
  process.kill(before, 'SIGKILL')
  await page.getByText(/engine stopped/).waitFor()
  await page.getByRole('button', { name: 'Resume the run' }).waitFor({ timeout: 30_000 })
  await picture(page, 'engine-killed')
  expect(host.engine()).not.toBe(before)
  await page.getByRole('button', { name: 'Resume the run' }).click()
  await page.locator('.card.done', { hasText: 'kept' }).first().waitFor({ timeout: 60_000 })
  await page.locator('footer').getByRole('button', { name: 'Cancel' }).click()
  await runButton(page).waitFor({ timeout: 30_000 })
  expect(errors).toEqual([])
})

it.skipIf(!knowsProcesses)('says that the runtime died, and tries again with a fresh one', async () => {
  const { page, host, errors } = walk()
  await openSample(page)
  await runButton(page).click()
  const stop = killing(host.runtime)
  const note = page.getByRole('alert')
  await note.waitFor({ timeout: 120_000 })
  stop()
  expect(await note.textContent()).toMatch(/runtime|process/i)
  await picture(page, 'runtime-killed')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.locator('footer').getByRole('button', { name: 'Cancel' }).click()
  await runButton(page).waitFor({ timeout: 30_000 })
  expect(errors).toEqual([])
})

/** Kills every runtime process that appears, until it is told to stop. */
function killing(find: () => number | null): () => void {
  const timer = setInterval(() => {
    const runtime = find()
    if (runtime !== null) process.kill(runtime, 'SIGKILL')
  }, 50)
  return () => clearInterval(timer)
}
