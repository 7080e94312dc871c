import { expect, it } from 'vitest'
import type { Diff } from '../../../core/api/diff.ts'
import type { GraphView } from '../../../core/api/graph-view.ts'
import { entriesOf, paintsOf, signsOf } from '../../../renderer/diff-view/from-changes.ts'
import { levelMap } from '../../../renderer/diff-view/levels.ts'
import { mainSign } from '../../../renderer/model-view/colours.ts'
import { indexOf } from '../../../renderer/model-view/graph-index.ts'

const view = (...ops: string[]): GraphView => ({
  ...{ version: '', graph: '', groups: [], inputs: [], outputs: [], values: {} },
  nodes: ops.map((name, n) => ({
    ...{ id: name, ref: `/${name}`, opType: name.replace(/\d/, ''), domain: '', name, path: [], layer: null, role: null },
    ...{
      inputs: n === 0 ? ['x'] : [`${ops[n - 1]}.out`],
      outputs: [`${name}.out`],
      detail: '',
      weightBytes: 0,
      origins: [],
      subgraphs: [],
    },
  })),
})
const sides = { left: indexOf(view('Shape', 'Gather', 'Div', 'Erf', 'Mul', 'MatMul')), right: indexOf(view('Cast', 'Gelu', 'MatMul')) }
const diff: Diff = {
  summary: { same: 0, changed: 1, fused: 1, added: 1, removed: 2 },
  pairs: [
    { kind: 'removed', a: ['/Shape'], b: [], why: 'folded' },
    { kind: 'removed', a: ['/Gather'], b: [], why: 'folded' },
    { kind: 'fused', a: ['/Div', '/Erf', '/Mul'], b: ['/Gelu'], why: 'fuse-gelu' },
    { kind: 'added', a: [], b: ['/Cast'], why: 'for the mask' },
    { kind: 'changed', a: ['/MatMul'], b: ['/MatMul'], why: 'weights' },
  ],
  matchedBy: 'lineage',
}
const entries = entriesOf(diff, sides)

it('lists changes in graph order, and what one group lost as one entry', () => {
  expect(entries.map(({ kind, count }) => [kind, count])).toEqual([
    ['removed', '2 nodes'],
    ['added', ''],
    ['fused', '3 to 1'],
    ['changed', ''],
  ])
  expect(entries[0]).toMatchObject({ title: 'Shape, Gather', left: ['Shape', 'Gather'] })
  expect(entries[2]!.detail).toContain('from Div, Erf, Mul')
})
it('paints what changed, and leaves the rest plain', () => {
  const paints = new Map([...paintsOf(signsOf(entries, 'left'), sides.left), ...paintsOf(signsOf(entries, 'right'), sides.right)])
  expect(paints.get('Gelu')!.tint).toBe('var(--fused-tint)')
  expect(paints.get('Shape')!.tint).toBe('var(--worse-tint)')
})
it('tells of a closed group what became of most of its nodes, however heavy those are that stayed', () => {
  const signs = new Map([...signsOf(entries, 'left')].filter(([id]) => id !== 'MatMul'))
  const nodes = [...sides.left.nodes.values()]
  expect(mainSign(nodes, signs)).toEqual({ sign: 'fused', node: 'Div', touched: 5 })
  expect(mainSign(nodes.slice(0, 3), signs)).toMatchObject({ sign: 'removed', touched: 3 })
  expect(mainSign(nodes.slice(5), signs)).toBeNull()
})
it('keeps corresponding heights level, and goes on beyond the last pair', () => {
  const map = levelMap([
    [0, 0],
    [100, 40],
    [50, 500],
    [200, 240],
  ])
  expect([0, 100, 150, 300].map(map)).toEqual([0, expect.any(Number), expect.any(Number), 340])
  expect(map(200)).toBe(240)
})
