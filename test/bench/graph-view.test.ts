import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { table } from '../../core/cli/terminal/table.ts'
import { main as makeBigModel } from '../../scripts/make-big-model.ts'
import { launchBrowser } from '../app/support/browser.ts'
import { startHost, type TestHost } from '../app/support/host.ts'
import { floats, info, modelBytes, nodeProto, tensorProto } from '../support/onnx-bytes.ts'

const layers = 300
let folder = ''
let browser: Browser
let host: TestHost

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-bench-'))
  const path = join(folder, 'large.onnx')
  writeFileSync(path, largeGraph())
  await makeBigModel(['bert-base', join(folder, 'bert-base.onnx')])
  ;[browser, host] = await Promise.all([launchBrowser(), startHost(path, folder)])
})

afterAll(async () => {
  await Promise.all([browser?.close(), host?.close()])
  rmSync(folder, { recursive: true, force: true })
})

/** Encoder layers of 34 nodes whose attention all reads one mask: what makes flat layouts take minutes. */
function largeGraph(): Uint8Array {
  const nodes = [nodeProto('Relu', ['mask'], ['bias'], { name: '/mask/Relu' })]
  let hidden = 'x'
  for (let layer = 0; layer < layers; layer++) {
    const scope = `/encoder/layer.${layer}`
    const add = (op: string, path: string, ...inputs: string[]) => {
      const name = `${scope}/${path}_${nodes.length}`
      nodes.push(nodeProto(op, inputs, [`${name}_output_0`], { name }))
      return `${name}_output_0`
    }
    const chain = (ops: readonly string[], path: string, from: string) =>
      ops.reduce((value, op) => (op === 'Relu' ? add(op, `${path}/${op}`, value) : add(op, `${path}/${op}`, value, 'w')), from)
    const [q, k, v] = ['query', 'key', 'value'].map((role) => chain(['Mul', 'Add', 'Relu', 'Relu'], `attention/self/${role}`, hidden))
    const scores = chain(['Mul'], 'attention/self', add('Mul', 'attention/self/Mul', q!, k!))
    const masked = chain(['Relu'], 'attention/self', add('Add', 'attention/self/Add', scores, 'bias'))
    const context = chain(['Relu', 'Relu'], 'attention/self', add('Mul', 'attention/self/Mul', masked, v!))
    const attended = add('Add', 'attention/output/Add', chain(['Mul', 'Add', 'Relu'], 'attention/output', context), hidden)
    const up = chain(['Mul', 'Add', 'Relu', 'Relu', 'Mul', 'Add', 'Relu'], 'feed_forward', attended)
    hidden = add('Add', 'output/Add', chain(['Mul', 'Add'], 'output', up), attended)
  }
  const type = [1, 8]
  return modelBytes({
    node: nodes,
    input: [info('x', 1, type), info('mask', 1, type)],
    output: [info(hidden, 1, type)],
    initializer: [tensorProto('w', 1, [8], { rawData: floats(1, 1, 1, 1, 1, 1, 1, 1) })],
  })
}

/** Milliseconds of frames while the wheel pans (or zooms) to and fro twice, so that the graph stays in view. Text, because this file is checked without a window's types. */
const framesWhile = (page: Page, zoom: boolean) =>
  page.evaluate<number>(`new Promise((resolve) => {
    const pane = document.querySelector('.react-flow__pane')
    const times = []
    let last = performance.now()
    const step = () => {
      const now = performance.now()
      times.push(now - last)
      last = now
      const deltaY = (times.length % 80 < 40 ? 1 : -1) * ${zoom ? 4 : 25}
      pane.dispatchEvent(new WheelEvent('wheel', { deltaY, ctrlKey: ${zoom}, clientX: 600, clientY: 500, bubbles: true, cancelable: true }))
      if (times.length < 160) requestAnimationFrame(step)
      else resolve(times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)])
    }
    requestAnimationFrame(step)
  })`)

/** A page with nothing on it that takes the same wheel: how even frames are on this machine at all. */
async function emptyPage(): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  await page.setContent('<div class="react-flow__pane"></div>')
  return page
}

const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Milliseconds from doing something in the page until a condition holds, looked at in every frame. */
const until = (page: Page, condition: string, first = '') =>
  page.evaluate<number>(`new Promise((resolve) => {
    const started = performance.now()
    ${first}
    const look = () => (${condition} ? resolve(performance.now() - started) : requestAnimationFrame(look))
    look()
  })`)

/** Milliseconds from the click on its name among the recent files until its graph stands. */
async function openBert(): Promise<number> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  // The model that the host was started with opens by itself: the welcome lists what else there is.
  await page.goto(host.url)
  await page.locator('.graph .fold').first().waitFor()
  await page.locator('header.bar').getByRole('button', { name: 'Lathe' }).click()
  await page.locator('table.rec button', { hasText: 'bert-base' }).waitFor()
  const button = "Array.from(document.querySelectorAll('table.rec button')).find((one) => one.textContent.includes('bert-base'))"
  return until(page, "document.querySelectorAll('.graph .fold').length > 0", `${button}.click()`)
}

/**
 * What others take for comparable graphs, where it is known. Netron 9.2.1's own layout (dagre) was timed alone, on flat graphs whose layers
 * all read one mask, as here; the other is what a user of it reported of a llama2-70b of more than 8,000 nodes (its pull request 1355).
 */
const peers = 'Netron layout alone: 17.9 s of 2,402 nodes, 96.3 s of 4,802, out of memory at 9,002; reported: 80 s of 8,000'

it('draws ten thousand nodes', async () => {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  await page.goto(host.url)
  const open = await until(page, "document.querySelectorAll('.graph .fold').length > 0")
  // The counts of the library come later; they are not what is measured here.
  await page.locator('.badge.do, .badge.no').first().waitFor({ timeout: 120_000 })
  const boxes = await page.locator('.graph .react-flow__node').count()
  const more = `document.querySelectorAll('.graph .react-flow__node').length > ${boxes}`
  const expand = await until(page, more, "document.querySelector('.fold-open').click()")
  const empty = await emptyPage()
  const rounds: { pan: number; zoom: number; floor: number }[] = []
  for (let round = 0; round < 5; round++) {
    rounds.push({ floor: await framesWhile(empty, false), pan: await framesWhile(page, false), zoom: await framesWhile(page, true) })
  }
  const [floor, pan, zoomed] = (['floor', 'pan', 'zoom'] as const).map((of) => middle(rounds.map((round) => round[of])))
  const elements = Number(await page.locator('.graph').getAttribute('data-nodes'))
  const heap = await page.evaluate<number>('performance.memory.usedJSHeapSize')
  const opened = await openBert()
  const rows = [
    ['BERT-base, click to graph', `${opened.toFixed(0)} ms`, '1500 ms', '–'],
    ['page to graph', `${open.toFixed(0)} ms`, '2500 ms', peers],
    ['open a group', `${expand.toFixed(0)} ms`, '200 ms', '–'],
    ['pan, 95th percentile of frames, median of 5', `${pan?.toFixed(1)} ms`, '20 ms', `an empty page: ${floor?.toFixed(1)} ms`],
    ['zoom, 95th percentile of frames, median of 5', `${zoomed?.toFixed(1)} ms`, '20 ms', `an empty page: ${floor?.toFixed(1)} ms`],
    ['elements in React Flow', String(elements), '300', '–'],
    ['JavaScript heap of the window', `${(heap / 1e6).toFixed(0)} MB`, '600 MB', '–'],
  ]
  const columns = [
    { title: 'measure' },
    { title: 'figure', align: 'right' },
    { title: 'aim', align: 'right' },
    { title: 'others' },
  ] as const
  process.stdout.write(`\n${table(columns, rows)}\n`)
  expect(elements).toBeLessThanOrEqual(300)
})
