import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { objections } from './support/axe.ts'
import { openSample, walks } from './support/walk.ts'

const walk = walks()

/**
 * Turns the wheel over the graph for so many frames, there and back, and counts what changes in the elements of the drawing meanwhile.
 * As text, because this file is checked without a window's types.
 */
const changesWhile = (page: Page, zoom: boolean) =>
  page.evaluate<{ changes: number; deaf: boolean; moved: boolean }>(`new Promise((resolve) => {
    const graph = document.querySelector('.graph')
    const viewport = graph.querySelector('.react-flow__viewport')
    const before = viewport.style.transform
    let changes = 0
    let deaf = false
    let moved = false
    const watch = new MutationObserver((records) => { changes += records.length })
    for (const part of ['.react-flow__nodes', '.react-flow__edges'])
      watch.observe(graph.querySelector(part), { subtree: true, childList: true, attributes: true, characterData: true })
    let frame = 0
    const step = () => {
      const deltaY = (frame++ % 20 < 10 ? 1 : -1) * ${zoom ? 1 : 6}
      const at = { clientX: 600, clientY: 500, bubbles: true, cancelable: true, ctrlKey: ${zoom} }
      graph.querySelector('.react-flow__pane').dispatchEvent(new WheelEvent('wheel', { deltaY, ...at }))
      deaf ||= getComputedStyle(viewport).pointerEvents === 'none'
      moved ||= viewport.style.transform !== before
      if (frame < 40) return requestAnimationFrame(step)
      watch.disconnect()
      resolve({ changes, deaf, moved })
    }
    requestAnimationFrame(step)
  })`)

it('renders nothing of the graph while it moves, and listens to the pointer again where it comes to rest', async () => {
  const { page, errors } = walk()
  await openSample(page)
  // What the engine finds out is marked on the graph: that has to have come.
  await page.locator('.badge.do').first().waitFor({ timeout: 120_000 })
  await page.locator('.mark').first().waitFor()
  await page.mouse.move(0, 0)
  // What nobody has moved yet is fitted to a window of another size.
  const { zoom: before } = await middle(page)
  await page.setViewportSize({ width: 1600, height: 1000 })
  await expect.poll(async () => (await middle(page)).zoom).toBeGreaterThan(before)
  await page.setViewportSize({ width: 1440, height: 900 })
  await expect.poll(async () => (await middle(page)).zoom).toBe(before)
  for (const zoom of [false, true]) {
    expect(await changesWhile(page, zoom)).toEqual({ changes: 0, deaf: true, moved: true })
    await page.locator('.graph:not(.moving)').waitFor()
  }
  await mapMovesTheView(page)
  expect(errors).toEqual([])
})

/** Where the middle of the view stands in the drawing, told by the transform of the graph. */
const middle = (page: Page) =>
  page.evaluate<{ x: number; y: number; zoom: number }>(`(() => {
    const graph = document.querySelector('.graph')
    const { e, f, a } = new DOMMatrix(getComputedStyle(graph.querySelector('.react-flow__viewport')).transform)
    return { x: (graph.clientWidth / 2 - e) / a, y: (graph.clientHeight / 2 - f) / a, zoom: a }
  })()`)

/** A click on the map goes there, a drag takes the view along, arrows move it and Enter shows all. */
async function mapMovesTheView(page: Page): Promise<void> {
  const map = page.getByRole('button', { name: /^Map of the graph/ })
  const box = (await map.boundingBox())!
  const at = (share: number) => [box.x + box.width / 2, box.y + box.height * share] as const
  await page.getByTitle('Show at full size').click()
  await expect.poll(async () => Math.round((await middle(page)).zoom * 100)).toBe(100)
  await page.mouse.click(...at(0.2))
  await expect.poll(async () => (await middle(page)).y).toBeLessThan(500)
  const above = await middle(page)
  await page.mouse.move(...at(0.3))
  await page.mouse.down()
  await page.mouse.move(...at(0.5))
  const halfway = await middle(page)
  await page.mouse.move(...at(0.8))
  await page.mouse.up()
  const below = await middle(page)
  expect(halfway.y).toBeGreaterThan(above.y)
  expect(below.y).toBeGreaterThan(halfway.y + 100)
  // The button is up: the view stays.
  await page.mouse.move(...at(0.2))
  expect(await middle(page)).toEqual(below)
  await map.focus()
  await page.keyboard.press('ArrowUp')
  await expect.poll(async () => (await middle(page)).y).toBeLessThan(below.y - 100)
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await middle(page)).zoom).toBeLessThan(1)
  expect(await objections(page)).toEqual([])
}
