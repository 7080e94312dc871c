import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { Shell } from '../../renderer/engine.ts'
import { root } from './support/root.ts'
import { exportButton, runButton, walks } from './support/walk.ts'

/**
 * The window as the desktop shell shows it, in a real Chromium: a FAKE of the shell, typed by what the window expects of it, passes on a real
 * MessagePort to the real engine. What Electron itself does is not shown here; that is what the walk with its binary is for.
 */
const walk = walks()
const samples = (name: string) => join(root, 'samples', name, 'model.onnx')

interface Played {
  /** What the shell tells its window. */
  opened(path: string | null): void
  readonly revealed: string[]
  /** What stood on the task bar, one after the other. */
  readonly shares: (number | null)[]
}
const played = (page: Page, path: string | null) =>
  page.evaluate((said) => (window as unknown as { played: Played }).played.opened(said), path)

async function inShell(page: Page, answers: { readonly open: string; readonly save: string }): Promise<void> {
  await page.addInitScript(fakeShell, answers)
  await page.reload()
  await page.getByText('Engine ready').waitFor()
}

it('opens what the menu, the dock and "open with" ask for, exports through the native dialog, and keeps all when it is loaded again', async () => {
  const { page, errors } = walk()
  const { exports } = await (await page.request.get(new URL('host.json', page.url()).href)).json()
  const save = join(exports, 'chosen', 'digits.onnx')
  await inShell(page, { open: samples('digits-cnn'), save })
  await played(page, samples('text-bert'))
  await page.locator('header.bar').getByText('260').waitFor()
  // "Open Model…" of the menu asks for the dialog, whose answer is opened.
  await played(page, null)
  await page.locator('header.bar').getByText('117').waitFor()
  await exportButton(page).click()
  await page.getByRole('button', { name: 'Write the file' }).click()
  await page.getByRole('button', { name: 'Reveal in folder' }).click()
  expect(await page.evaluate(() => (window as unknown as { played: Played }).played.revealed)).toEqual([save])
  expect(readFileSync(save).length).toBeGreaterThan(10_000)
  await page.reload()
  await page.locator('header.bar').getByText('117').waitFor()
  expect(errors).toEqual([])
})

it('shows on the task bar how far a run is, and nothing when it has ended', async () => {
  const { page, errors } = walk()
  await inShell(page, { open: samples('digits-cnn'), save: '' })
  await played(page, samples('digits-cnn'))
  await page.locator('.card').nth(1).waitFor()
  await runButton(page).click()
  await page.locator('footer').getByText('against source').waitFor({ timeout: 170_000 })
  const shares = await page.evaluate(() => (window as unknown as { played: Played }).played.shares)
  const told = shares.filter((share) => share !== null)
  expect(shares.at(-1)).toBeNull()
  expect(told[0]).toBeLessThanOrEqual(0)
  expect(told.length).toBeGreaterThan(3)
  expect(told.toSorted((a, b) => a - b)).toEqual(told)
  expect(Math.max(...told)).toBeLessThanOrEqual(1)
  expect(errors).toEqual([])
})

/** Runs in the page before its scripts. */
function fakeShell({ open, save }: { readonly open: string; readonly save: string }): void {
  let told: (path: string | null) => void = () => undefined
  const revealed: string[] = []
  const shares: Played['shares'] = []
  const shell: Shell = {
    connect: async () => {
      const { port1, port2 } = new MessageChannel()
      const socket = new WebSocket(new URL('rpc', window.location.href.replace(/^http/, 'ws')))
      socket.binaryType = 'arraybuffer'
      await new Promise((resolve) => socket.addEventListener('open', resolve))
      socket.addEventListener('message', ({ data }) => port1.postMessage(data))
      port1.onmessage = ({ data }) => socket.send(data)
      window.postMessage('lathe:port', window.location.origin, [port2])
    },
    openFile: async () => open,
    saveFile: async () => save,
    pathOf: ({ name }) => name,
    reveal: async (path) => void revealed.push(path),
    progress: async (share) => void shares.push(share),
    onOpened: (listener) => {
      told = listener
    },
  }
  const opened: Played['opened'] = (path) => told(path)
  Object.assign(window, { lathe: shell, played: { opened, revealed, shares } })
}
