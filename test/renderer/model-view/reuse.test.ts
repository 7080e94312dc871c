import { expect, it } from 'vitest'
import { layered } from '../../../renderer/model-view/layered/layered.ts'
import { layeredOnce } from '../../../renderer/model-view/layered/reuse.ts'
import type { Item, Net } from '../../../renderer/model-view/layered/types.ts'

/** A block of a transformer in small: three branches that meet, a residual line, an entry and an exit. */
function block(name: string): { items: Item[]; nets: Net[] } {
  const at = (part: string) => `${name}/${part}`
  return {
    items: [
      { id: at('in'), width: 2, height: 0, pin: 'first' },
      ...['q', 'k', 'v'].map((part) => ({ id: at(part), width: 120, height: 51 })),
      { id: at('scores'), width: 140, height: 68, sideRows: { [at('mask')]: 34 }, marginRight: 60 },
      { id: at('out'), width: 2, height: 0, pin: 'last' },
    ],
    nets: [
      { value: at('x'), source: at('in'), targets: [at('q'), at('k'), at('v'), at('out')] },
      ...['q', 'k', 'v'].map((part) => ({ value: at(`${part}.y`), source: at(part), targets: [at('scores')] })),
      { value: at('s'), source: at('scores'), targets: [at('out')] },
    ],
  }
}

it('gives a block the drawing of its twin, under its own names', () => {
  const [first, second] = [block('layer.0'), block('layer.1')]
  layeredOnce(first.items, first.nets)
  const reused = layeredOnce(second.items, second.nets)
  const drawn = layered(second.items, second.nets)
  expect(reused).toEqual(drawn)
  expect([...reused.places.keys()]).toContain('layer.1/scores')
})

it('draws anew what differs in a size, a line or an order', () => {
  const { items, nets } = block('a')
  layeredOnce(items, nets)
  const wider = items.map((item) => (item.id === 'a/q' ? { ...item, width: 200 } : item))
  expect(layeredOnce(wider, nets)).toEqual(layered(wider, nets))
  const fewer = nets.slice(1)
  expect(layeredOnce(items, fewer)).toEqual(layered(items, fewer))
  expect(layeredOnce(items, nets, [['a/v', 'a/q']])).toEqual(layered(items, nets, [['a/v', 'a/q']]))
})
