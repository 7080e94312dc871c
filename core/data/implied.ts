import { intOf } from '../ir/attributes.ts'
import type { Node, Use, Value } from '../ir/value.ts'

/** Inputs of operators that say what shape comes out. */
const shapes = ['Reshape 1', 'Expand 1', 'ConstantOfShape 0', 'Resize 3', 'AffineGrid 1']

/**
 * The elements that an input must have for the model to give what it declares: the operand of a Reshape whose output is declared, the sizes of a
 * Split, scales and sizes of a Resize, steps. `null` where nothing is implied. They are those of a run, in flat order.
 */
export function impliedElements(value: Value): readonly number[] | null {
  for (const use of value.uses) {
    const found = impliedBy(use)
    if (found !== null) return found
  }
  return null
}

function impliedBy({ node, index }: Use): readonly number[] | null {
  const operand = `${node.opType} ${index}`
  if (shapes.includes(operand)) return node.attributes.has('axes') ? null : fixedDims(node.outputs[0])
  if (operand === 'Resize 2') return node.attributes.has('axes') ? null : scalesOf(node)
  if (operand === 'Split 1') return pieces(node)
  if (operand === 'Slice 4') return [1]
  return null
}

function fixedDims(value: Value | null | undefined): readonly number[] | null {
  const shape = value?.type?.kind === 'tensor' ? value.type.shape : null
  return shape?.every((dim) => typeof dim === 'number') ? (shape as readonly number[]) : null
}

function scalesOf(node: Node): readonly number[] | null {
  const [from, to] = [fixedDims(node.inputs[0]), fixedDims(node.outputs[0])]
  return from && to && from.length === to.length ? to.map((size, axis) => size / (from[axis] || 1)) : null
}

function pieces(node: Node): readonly number[] | null {
  const axis = intOf(node, 'axis', 0)
  const sizes = node.outputs.map((output) => fixedDims(output)?.at(axis))
  return sizes.every((size) => size !== undefined) ? (sizes as number[]) : null
}
