import { floatsOf, text, textOf } from '../../ir/attributes.ts'
import { numbersOf } from '../../ir/numbers.ts'
import type { Node, Value } from '../../ir/value.ts'
import { type Adapter, floatsFor, inputOf, lacksInput, setInputs, substitute, withoutAttributes } from './adapter.ts'

/** `scales` moves from an attribute to input 1. */
export const upsampleScalesToInput: Adapter = (node) => {
  const scales = floatsOf(node, 'scales')
  if (scales === null) return 'it has no scales'
  node.graph.setAttributes(node, withoutAttributes(node.attributes, 'scales'))
  setInputs(node, 1, [floatsFor(node, 'scales', scales)])
  return null
}

/** Upsample became Resize, with the same inputs and modes. */
export const upsampleToResize: Adapter = (node) => {
  if (inputOf(node, 1) === null) return lacksInput(1)
  const { graph, name, inputs, attributes, origins } = node
  substitute(node, graph.addNode({ opType: 'Resize', name, inputs, attributes, origins, at: node }).outputs[0] as Value)
  return null
}

/**
 * Since version 11 the position of a sample has a name. Version 10 was `asymmetric`; its `nearest` rounded down when enlarging and up when
 * shrinking, which the runtime still does for it. An axis that is enlarged beside one that is shrunk has no name.
 */
export const resizeModesNamed: Adapter = (node) => {
  const scales = inputOf(node, 1)
  if (scales === null) return lacksInput(1)
  const nearest = textOf(node, 'mode', 'nearest') === 'nearest'
  const rounding = nearest ? roundingOf(scales) : 'floor'
  if (rounding === null) return 'its scales are not known, or enlarge one axis and shrink another'
  const { graph } = node
  graph.setAttributes(
    node,
    new Map([
      ...node.attributes,
      ['coordinate_transformation_mode', text('asymmetric')],
      ...(nearest ? [['nearest_mode', text(rounding)] as const] : []),
    ]),
  )
  setInputs(node, 1, [emptyRegion(node), scales])
  return null
}

function roundingOf(scales: Value): 'floor' | 'ceil' | null {
  if (scales.constant === null) return null
  const values = [...numbersOf(scales.constant)]
  if (values.every((scale) => scale >= 1)) return 'floor'
  return values.every((scale) => scale <= 1) ? 'ceil' : null
}

/** The region of interest, which only another mode looks at, but which version 11 wants to be there. */
const emptyRegion = (node: Node): Value => floatsFor(node, 'roi', [])
