import { float, floatOf, int, intOf, textOf } from '../../ir/attributes.ts'
import { numbersOf } from '../../ir/numbers.ts'
import { tensorOf } from '../../ir/tensor.ts'
import type { Dim, Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, type ConstantValue, constant, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { minimumDim, sameDim } from '../../shapes/dim.ts'
import { dtypeOf, sameShape, shapeOf } from '../../shapes/shape-facts.ts'

const embedding = <N extends string>(name: N) =>
  op('Gather', [constant(`table ${name}`), any(`ids ${name}`)], { name: `gather ${name}`, when: (node) => readsRows(node) })
const readsRows = (gather: Node): true | string => intOf(gather, 'axis', 0) === 0 || 'a table is not read by rows'

const two = op('Add', [embedding('1'), embedding('2')])
const known = constant('known')
const sum = oneOf(
  op('Add', [two, embedding('3')], 'sum'),
  op('Add', [two, known], 'sum'),
  op('Add', [op('Add', [embedding('1'), known]), embedding('2')], 'sum'),
  op('Add', [embedding('1'), known], 'sum'),
  op('Add', [embedding('1'), embedding('2')], 'sum'),
)

/** A table, which of its rows are read, and what they are. */
interface Embedding {
  readonly table: Value
  readonly ids: Value
  readonly rows: Value
}

/** onnxruntime's EmbedLayerNormalization: two or three tables, their sum and its normalization. Positions count from 0; ids are int32. */
export const fuseEmbedNorm = rule({
  id: 'fuse-embed-norm',
  summary: 'Word, position and perhaps segment embeddings and their normalization become EmbedLayerNormalization.',
  fidelity: 'rounding',
  pattern: oneOf(
    op('lathe.Norm', [sum, constant('scale'), constant('shift')], 'norm'),
    op('LayerNormalization', [sum, constant('scale'), constant('shift')], 'norm'),
  ),
  rewrite({ norm, scale, shift, sum, known, ...found }, draft) {
    if (![-1, 2].includes(intOf(norm, 'axis', -1)) || textOf(norm, 'kind', 'layer') !== 'layer')
      return reject('it is no layer normalization of the last axis', norm)
    const all = embeddingsOf(found)
    const shape = shapeOf(sum.outputs[0] as Value)
    if (shape?.length !== 3 || all.some(({ table }) => dtypeOf(table) !== 'float32')) return reject('the tables are not float32', sum)
    const length = shape[1] ?? null
    const counting = known === undefined ? all.find(({ ids }) => countsFromZero(ids, length)) : undefined
    const positions = known === undefined ? counting?.table : rowsOf(known, length, draft)
    if (positions == null) return reject('the positions are not known to count from 0', sum)
    const [words, segments] = all.filter((each) => each !== counting)
    const others = [words, segments].filter((each) => each !== undefined)
    if (words === undefined || others.some(({ rows }) => !sameShape(shapeOf(rows), shape)))
      return reject('words and segments have not the same two axes', sum)
    const ids = [words, segments].map((each) => (each === undefined ? null : narrow(each.ids, draft)))
    const inputs = [...ids, words.table, positions, segments?.table ?? null, scale, shift]
    const attributes = { epsilon: float(floatOf(norm, 'epsilon', 1e-5)) }
    const [by] = draft.ops('com.microsoft.EmbedLayerNormalization', inputs, attributes, { outputs: [true, false], name: norm.name })
    return { replace: [{ old: norm.outputs[0] as Value, by: by as Value }] }
  },
})

function embeddingsOf(found: Readonly<Record<string, unknown>>): readonly Embedding[] {
  const tables = ['1', '2', '3'].filter((name) => found[`table ${name}`] !== undefined)
  return tables.map((name) => ({
    table: found[`table ${name}`] as Value,
    ids: found[`ids ${name}`] as Value,
    rows: (found[`gather ${name}`] as Node).outputs[0] as Value,
  }))
}

/** Embeddings of known positions [1, length, hidden] as the table of which they are all rows. */
function rowsOf(known: ConstantValue, length: Dim, draft: Draft): Value | null {
  const { dims } = known.constant.ref
  const [rows, hidden] = dims.slice(-2)
  if (dims.slice(0, -2).some((dim) => dim !== 1) || rows === undefined || hidden === undefined || rows !== length) return null
  const { ref } = known.constant
  return dims.length === 2 ? known : draft.constant(tensorOf(ref.dtype, [rows, hidden], known.constant.read()), known.name)
}

const narrow = (ids: Value, draft: Draft): Value => (dtypeOf(ids) === 'int32' ? ids : draft.op('Cast', [ids], { to: int(6) }))

/** 0, 1, 2 ... as long as the words: a Range, or a Slice of constant positions from their start (which ends with the words or with the table). */
function countsFromZero(positions: Value, length: Dim): boolean {
  const shape = shapeOf(positions)
  const view = positions.producer
  const node = view?.opType === 'Unsqueeze' || view?.opType === 'Reshape' ? (view.inputs[0]?.producer ?? null) : view
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
