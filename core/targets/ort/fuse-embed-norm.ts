import { float, floatOf, int, intOf, textOf } from '../../ir/attributes.ts'
import { numbersOf } from '../../ir/numbers.ts'
import type { Dim, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, constant, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { minimumDim, sameDim } from '../../shapes/dim.ts'
import { dtypeOf, sameShape, shapeOf } from '../../shapes/shape-facts.ts'

const words = op('Gather', [constant('wordTable'), any('words')], 'wordGather')
const segments = op('Gather', [constant('segmentTable'), any('segments')], 'segmentGather')
const sum = op(
  'Add',
  [op('Add', [words, segments], 'tokens'), op('Gather', [constant('positionTable'), any('positions')], 'positionGather')],
  'sum',
)

/** onnxruntime's EmbedLayerNormalization: three tables, their sum and its normalization. Positions count from 0; ids are int32. */
export const fuseEmbedNorm = rule({
  id: 'fuse-embed-norm',
  summary: 'Word, segment and position embeddings and their normalization become EmbedLayerNormalization.',
  fidelity: 'rounding',
  pattern: oneOf(
    op('lathe.Norm', [sum, constant('scale'), constant('shift')], 'norm'),
    op('LayerNormalization', [sum, constant('scale'), constant('shift')], 'norm'),
  ),
  rewrite(
    { wordTable, words, segmentTable, segments, positionTable, positions, scale, shift, norm, wordGather, segmentGather, positionGather },
    draft,
  ) {
    if (![-1, 2].includes(intOf(norm, 'axis', -1)) || textOf(norm, 'kind', 'layer') !== 'layer')
      return reject('it is no layer normalization of the last axis', norm)
    if ([wordGather, segmentGather, positionGather].some((gather) => intOf(gather, 'axis', 0) !== 0))
      return reject('a table is not read by rows', norm)
    if (dtypeOf(wordTable) !== 'float32') return reject('the tables are not float32', wordTable)
    const ids = shapeOf(words)
    if (ids?.length !== 2 || !sameShape(ids, shapeOf(segments))) return reject('words and segments have not the same two axes', words)
    if (!countsFromZero(positions, ids[1] ?? null)) return reject('the positions are not known to count from 0', positions)
    const inputs = [narrow(words, draft), narrow(segments, draft), wordTable, positionTable, segmentTable, scale, shift]
    const attributes = { epsilon: float(floatOf(norm, 'epsilon', 1e-5)) }
    const [by] = draft.ops('com.microsoft.EmbedLayerNormalization', inputs, attributes, { outputs: [true, false], name: norm.name })
    return { replace: [{ old: norm.outputs[0] as Value, by: by as Value }] }
  },
})

const narrow = (ids: Value, draft: Draft): Value => (dtypeOf(ids) === 'int32' ? ids : draft.op('Cast', [ids], { to: int(6) }))

/** 0, 1, 2 ... as long as the words: a Range, or a Slice of constant positions from their start (which ends with the words or with the table). */
function countsFromZero(positions: Value, length: Dim): boolean {
  const shape = shapeOf(positions)
  const node = positions.producer
  if (shape === null || shape.slice(0, -1).some((dim) => dim !== 1)) return false
  const found = shape.at(-1) ?? null
  if (node?.opType === 'Range') return sameDim(found, length) && isNumber(node.inputs[0], 0) && isNumber(node.inputs[2], 1)
  const source = node?.opType === 'Slice' ? node.inputs[0]?.constant : null
  if (node == null || source == null || !isNumber(node.inputs[1], 0) || (node.inputs[4] != null && !isNumber(node.inputs[4], 1)))
    return false
  const ends = sameDim(found, length) || sameDim(found, minimumDim(length, source.ref.dims.at(-1) ?? null))
  return ends && numbersOf(source).every((value, i) => value === i)
}

const isNumber = (value: Value | null | undefined, wanted: number): boolean =>
  value?.constant != null && numbersOf(value.constant)[0] === wanted
