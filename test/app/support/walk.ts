import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest'
import { launchBrowser, picture } from './browser.ts'
import { startHost, type TestHost } from './host.ts'

export interface Walk {
  readonly page: Page
  readonly host: TestHost
  /** What the page reported as errors; a walk that leaves any has failed. */
  readonly errors: readonly string[]
}

export interface WalkOptions {
  readonly width?: number
  readonly height?: number
  readonly scheme?: 'light' | 'dark'
  /** Files and folders that the host is started with. */
  readonly places?: readonly string[]
}

/** One host and one browser for a file of walks; a fresh window for each. */
export function walks({ width = 1440, height = 900, scheme = 'light', places = [] }: WalkOptions = {}): () => Walk {
  let browser: Browser
  let host: TestHost
  let walk: Walk
  beforeAll(async () => {
    ;[browser, host] = await Promise.all([launchBrowser(), startHost(...places)])
  })
  afterAll(async () => {
    await Promise.all([browser?.close(), host?.close()])
  })
  beforeEach(async () => {
    const context: BrowserContext = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, acceptDownloads: true })
    const page = await context.newPage()
    onTestFinished(async ({ task }) => {
      if (task.result?.state === 'fail') await picture(page, `failed-${task.name.replace(/\W+/g, '-').slice(0, 60)}`)
      await context.close()
    })
    const errors: string[] = []
    page.on('pageerror', ({ message }) => errors.push(message))
    page.setDefaultTimeout(60_000)
    walk = { page, host, errors }
    await page.goto(host.url)
    await page.getByText('Engine ready').waitFor()
  })
  return () => walk
}

export async function openSample(page: Page): Promise<void> {
  await page.getByRole('button', { name: /Try the sample/ }).click()
  await page.locator('.graph .fold').first().waitFor()
  await page.locator('.card').nth(1).waitFor()
}

export const runButton = (page: Page) => page.locator('header.bar').getByRole('button', { name: /^Run/ })
export const exportButton = (page: Page) => page.locator('header.bar').getByRole('button', { name: 'Export' })

/** Until the candidate's figures stand in the status bar. */
export async function runToEnd(page: Page, timeout = 170_000): Promise<void> {
  await runButton(page).click()
  await page.locator('footer').getByText('against source').waitFor({ timeout })
  await exportButton(page).isEnabled()
}

/** What a drop from the desktop does: files in a data transfer, dropped onto the window. */
export async function dropFile(page: Page, name: string, base64: string): Promise<void> {
  await page.evaluate(
    ([file, content]) => {
      const bytes = Uint8Array.from(atob(content!), (char) => char.charCodeAt(0))
      const data = new DataTransfer()
      data.items.add(new File([bytes], file!))
      window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))
    },
    [name, base64],
  )
}
