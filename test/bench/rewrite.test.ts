import { expect, it } from 'vitest'
import { table } from '../../core/cli/terminal/table.ts'
import type { Model } from '../../core/ir/model.ts'
import { drive } from '../../core/rewrite/drive.ts'
import { explain } from '../../core/rewrite/trace.ts'
import { rules } from '../../core/rules/index.ts'
import { inferShapes } from '../../core/shapes/infer.ts'
import { modelOf } from '../support/graph.ts'

/** Lines of one block: what exporters write around a matrix product, a normalization, a GELU and shape arithmetic. */
const block = (i: number): string => `
s${i} = Shape(h${i})
b${i} = Gather(s${i}, int64[1] {0})
l${i} = Gather(s${i}, int64[1] {1})
t${i} = Concat(b${i}, l${i}, int64[2] {2, 4}) {axis: 0}
r${i} = Reshape(h${i}, t${i})
p${i} = Transpose(r${i}) {perm: [0, 2, 1, 3]}
q${i} = Transpose(p${i}) {perm: [0, 2, 1, 3]}
f${i} = Reshape(q${i}, int64[3] {0, 0, 8})
m${i} = MatMul(f${i}, float32[8, 8])
a${i} = Add(m${i}, float32[8])
d${i} = Div(a${i}, float32 1.4142135)
e${i} = Erf(d${i})
o${i} = Add(e${i}, float32 1.0)
g${i} = Mul(a${i}, o${i})
k${i} = Mul(g${i}, float32 0.5)
u${i} = ReduceMean(k${i}, int64[1] {-1})
c${i} = Sub(k${i}, u${i})
v${i} = Pow(c${i}, float32 2.0)
w${i} = ReduceMean(v${i}, int64[1] {-1})
x${i} = Add(w${i}, float32 0.00001)
y${i} = Sqrt(x${i})
z${i} = Div(c${i}, y${i})
i${i} = Identity(z${i})
n${i} = Mul(i${i}, float32[8])
h${i + 1} = Add(n${i}, h${i})`

function graphOf(nodes: number): Model {
  const blocks = Math.round(nodes / 25)
  return modelOf(`(h0: float32[n, m, 8]) -> (h${blocks})${Array.from({ length: blocks }, (_, i) => block(i)).join('')}`)
}

/** Every family but what undoes lifts, and what approximates. */
const all = Object.entries(rules).flatMap(([family, steps]) => (family === 'expand' || family === 'approximations' ? [] : steps))

function timed<T>(work: () => T): [T, number] {
  const from = performance.now()
  const result = work()
  return [result, performance.now() - from]
}

it('all rules over graphs of growing size', () => {
  drive(graphOf(500), all)
  const rows = [1000, 2000, 5000, 10_000, 20_000].map((size) => {
    const source = graphOf(size)
    const [model, forkMs] = timed(() => source.fork())
    const [shapes, inferMs] = timed(() => inferShapes(model))
    const [driven, driveMs] = timed(() => drive(model, all, { infer: shapes.node }))
    const [explained, explainMs] = timed(() => explain(source, all, { prepare: inferShapes }))
    const rewrites = [...driven.counts.values()].reduce((sum, count) => sum + count, 0)
    if (size === 10_000) expect(driveMs, 'all rules over 10,000 nodes').toBeLessThan(1000)
    const figures = [source.graph.nodeCount, model.graph.nodeCount, rewrites, explained.nearMisses.length]
    return [...figures.map(String), ...[forkMs, inferMs, driveMs, explainMs].map((ms) => ms.toFixed(0))]
  })
  const titles = ['nodes', 'after', 'rewrites', 'near-misses', 'fork ms', 'shapes ms', 'all rules ms', 'explain ms']
  process.stdout.write(
    `\n${table(
      titles.map((title) => ({ title, align: 'right' as const })),
      rows,
    )}\n`,
  )
})
