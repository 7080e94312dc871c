import { int, intOf, intsOf } from '../../ir/attributes.ts'
import { type Adapter, inputOf, intsFor, lacksInput, setInputs, withoutAttributes } from './adapter.ts'

/** `axes` moves from an attribute to input 1; without it all axes are meant, before and after. */
export const axesToInput: Adapter = (node) => {
  const axes = intsOf(node, 'axes')
  if (inputOf(node, 0) === null) return lacksInput(0)
  node.graph.setAttributes(node, withoutAttributes(node.attributes, 'axes'))
  if (axes !== null && axes.length > 0) setInputs(node, 1, [intsFor(node, 'axes', axes)])
  return null
}

/** `split` moves from an attribute to input 1. */
export const splitToInput: Adapter = (node) => {
  const split = intsOf(node, 'split')
  node.graph.setAttributes(node, withoutAttributes(node.attributes, 'split'))
  if (split !== null) setInputs(node, 1, [intsFor(node, 'split', split)])
  return null
}

/** Equal parts must be counted by `num_outputs` where no sizes are given. */
export const splitCounted: Adapter = (node) => {
  if (inputOf(node, 1) !== null) return null
  node.graph.setAttributes(node, new Map([...node.attributes, ['num_outputs', int(node.outputs.length)]]))
  return null
}

/** `starts`, `ends` and `axes` move from attributes to inputs 1 to 3. */
export const sliceToInputs: Adapter = (node) => {
  const starts = intsOf(node, 'starts')
  const ends = intsOf(node, 'ends')
  const axes = intsOf(node, 'axes')
  if (starts === null || ends === null) return 'it has no starts or ends'
  node.graph.setAttributes(node, withoutAttributes(node.attributes, 'starts', 'ends', 'axes'))
  setInputs(node, 1, [intsFor(node, 'starts', starts), intsFor(node, 'ends', ends), axes && intsFor(node, 'axes', axes)])
  return null
}

/** `k` moves from an attribute to input 1. */
export const kToInput: Adapter = (node) => {
  const k = intOf(node, 'k', -1)
  if (k < 0) return 'it has no k'
  node.graph.setAttributes(node, withoutAttributes(node.attributes, 'k'))
  setInputs(node, 1, [intsFor(node, 'k', [k])])
  return null
}
