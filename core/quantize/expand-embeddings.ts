import { float, floatOf, int } from '../ir/attributes.ts'
import type { Model } from '../ir/model.ts'
import { int64Tensor } from '../ir/numbers.ts'
import type { Node, Value } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import { Substitute } from './substitute.ts'

/** LayerNormalization is standard from here on. */
const leastOpset = 17

/**
 * Takes fused embeddings (EmbedLayerNormalization) apart into look-ups, sums and a norm: the fused operator reads float tables only, which
 * are often a quarter of a model, and fusing saves next to nothing.
 */
export function expandEmbeddings(model: Model, rule: string, kept: ReadonlySet<Node>): void {
  if (model.opset < leastOpset) return
  for (const node of [...allNodes(model.graph)]) {
    if (node.domain !== 'com.microsoft' || node.opType !== 'EmbedLayerNormalization' || kept.has(node)) continue
    if (node.inputs[2]?.constant?.ref.dtype !== 'float32') continue
    if (node.outputs[1] !== undefined && (node.outputs[1].uses.length > 0 || node.outputs[1].isOutput)) continue
    model.lineage.during(rule, 'the fused embedding is taken apart, so that its tables can be stored in fewer bits', () => expand(node))
  }
}

function expand(node: Node): void {
  const [ids, segmentIds, words, positions, segments, scale, shift, , positionIds] = node.inputs as readonly (Value | null | undefined)[]
  const make = new Substitute(node)
  const lookUp = (table: Value, indices: Value, suffix: string) =>
    make.op('Gather', [table, indices], { suffix, attributes: { axis: int(0) } })
  let sum = make.op(
    'Add',
    [lookUp(words as Value, ids as Value, '/words'), lookUp(positions as Value, positionIds ?? counted(make, ids as Value), '/positions')],
    {
      suffix: '/with-positions',
    },
  )
  if (segments && segmentIds) sum = make.op('Add', [sum, lookUp(segments, segmentIds, '/segments')], { suffix: '/with-segments' })
  const before = node.outputs[2]
  if (before !== undefined && before.name !== '') make.graph.replaceUses(before, sum)
  const epsilon = float(floatOf(node, 'epsilon', 1e-12))
  make.finish(make.op('LayerNormalization', [sum, scale as Value, shift as Value], { attributes: { axis: int(-1), epsilon } }))
}

/** Positions 0 to the length of the sequence, which the fused operator counts by itself. */
function counted(make: Substitute, ids: Value): Value {
  const constant = (suffix: string, value: number) => Substitute.constant(ids, suffix, int64Tensor([value], []))
  const shape = make.op('Shape', [ids], { suffix: '/shape' })
  const length = make.op('Gather', [shape, constant('_axis', 1)], { suffix: '/length', attributes: { axis: int(0) } })
  return make.op('Range', [constant('_start', 0), length, constant('_step', 1)], { suffix: '/counted' })
}
