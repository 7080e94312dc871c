import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportPage } from '../../core/report/html/page.ts'
import { report } from '../support/report.ts'
import { objections } from './support/axe.ts'
import { launchBrowser, picture } from './support/browser.ts'

const folder = mkdtempSync(join(tmpdir(), 'lathe-report-page-'))
const file = join(folder, 'report.html')
let browser: Browser
beforeAll(async () => {
  writeFileSync(file, reportPage(report))
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the report as a page', () => {
  it.each([
    [390, 'light'],
    [390, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const)('can be read at %i pixels, %s', async (width, colorScheme) => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
    const page = await context.newPage()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(pathToFileURL(file).href)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    expect(asked).toEqual([pathToFileURL(file).href])
    expect(await objections(page)).toEqual([])
    await picture(page, `report-${width}-${colorScheme}`)
    await context.close()
  })

  it('can be printed', async () => {
    const page = await browser.newPage()
    await page.goto(pathToFileURL(file).href)
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    await page.close()
  })
})
