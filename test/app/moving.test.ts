import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
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
  for (const zoom of [false, true]) {
    expect(await changesWhile(page, zoom)).toEqual({ changes: 0, deaf: true, moved: true })
    await page.locator('.graph:not(.moving)').waitFor()
  }
  expect(errors).toEqual([])
})
