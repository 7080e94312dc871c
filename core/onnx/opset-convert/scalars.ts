import { floatOf, intsOf, textOf } from '../../ir/attributes.ts'
import { tensorFrom } from '../../ir/numbers.ts'
import type { Value } from '../../ir/value.ts'
import { type Adapter, canMatch, inputOf, intsFor, lacksInput, scalarLike, setInputs, withoutAttributes } from './adapter.ts'

const typeUnknown = 'the element type of its input is not known'

/** `min` and `max` move from attributes to inputs 1 and 2, in the type of input 0. */
export const clipToInputs: Adapter = (node, raising) => {
  const x = inputOf(node, 0)
  if (x === null) return lacksInput(0)
  const bounds = ['min', 'max'].map((name) => (node.attributes.has(name) ? { name, value: floatOf(node, name, 0) } : null))
  if (bounds.some((bound) => bound !== null) && !canMatch(x, raising)) return typeUnknown
  node.graph.setAttributes(node, withoutAttributes(node.attributes, 'min', 'max'))
  const values = bounds.map((bound) => bound && scalarLike(node, bound.name, { like: x, value: bound.value }, raising))
  setInputs(node, 1, values)
  return null
}

/** `pads` and `value` move from attributes to inputs 1 and 2. */
export const padToInputs: Adapter = (node, raising) => {
  const x = inputOf(node, 0)
  const pads = intsOf(node, 'pads')
  if (x === null || pads === null) return x === null ? lacksInput(0) : 'it has no pads'
  const value = floatOf(node, 'value', 0)
  const needsValue = textOf(node, 'mode', 'constant') === 'constant' && value !== 0
  if (needsValue && !canMatch(x, raising)) return typeUnknown
  node.graph.setAttributes(node, withoutAttributes(node.attributes, 'pads', 'value'))
  setInputs(node, 1, [intsFor(node, 'pads', pads), needsValue ? scalarLike(node, 'value', { like: x, value }, raising) : null])
  return null
}

/** `ratio` moves from an attribute to input 1; without `training_mode` it stays without effect. */
export const dropoutToInput: Adapter = (node) => {
  const ratio = floatOf(node, 'ratio', 0.5)
  node.graph.setAttributes(node, withoutAttributes(node.attributes, 'ratio'))
  const constant: Value = node.graph.addConstant(`${node.outputs[0]?.name ?? 'dropout'}_ratio`, tensorFrom('float32', [], [ratio]))
  setInputs(node, 1, [constant])
  return null
}
