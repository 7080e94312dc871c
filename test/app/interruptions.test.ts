import { expect, it } from 'vitest'
import { picture } from './support/browser.ts'
import { knowsProcesses } from './support/host.ts'
import { openSample, runButton, runToEnd, walks } from './support/walk.ts'

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

it.skipIf(!knowsProcesses)('outlives the death of the engine, and resumes the run', async () => {
  const { page, host, errors } = walk()
  await openSample(page)
  await runButton(page).click()
  await page.locator('footer').getByRole('button', { name: 'Cancel' }).waitFor()
  const before = host.engine()!
  process.kill(before, 'SIGKILL')
  await page.getByText(/engine stopped/).waitFor()
  await page.getByRole('button', { name: 'Resume the run' }).waitFor({ timeout: 30_000 })
  await picture(page, 'engine-killed')
  expect(host.engine()).not.toBe(before)
  await page.getByRole('button', { name: 'Resume the run' }).click()
  await page.locator('footer').getByText('against source').waitFor({ timeout: 170_000 })
  expect(errors).toEqual([])
})

it.skipIf(!knowsProcesses)('says that the runtime died, and the next run gets a fresh one', async () => {
  const { page, host, errors } = walk()
  await openSample(page)
  await runButton(page).click()
  const runtime = await until(() => host.runtime())
  process.kill(runtime, 'SIGKILL')
  // Either the run tells of it, or it had what it needed from that process and took a fresh one.
  await Promise.race([
    page.getByRole('alert').waitFor({ timeout: 170_000 }),
    page.locator('footer').getByText('against source').waitFor({ timeout: 170_000 }),
  ])
  if (await page.getByRole('alert').isVisible()) {
    expect(await page.getByRole('alert').textContent()).toMatch(/runtime/i)
    await picture(page, 'runtime-killed')
  }
  await runToEnd(page)
  expect(errors).toEqual([])
})

async function until<T>(find: () => T | null): Promise<T> {
  for (;;) {
    const found = find()
    if (found !== null) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
