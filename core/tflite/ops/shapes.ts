import { numbersOf } from '../../ir/numbers.ts'
import { Arithmetic } from '../arithmetic.ts'
import { axisOf, input, number, output } from '../attributes.ts'
import type { Lowering } from '../conversion.ts'
import { Unconvertible } from '../unconvertible.ts'

/** The shape of a value with an open batch; all others are constants by now. */
const shape: Lowering = ({ node, to }) => {
  const a = new Arithmetic(to)
  const value = input(node, 0)
  const rank = to.dims(value).length
  const whole = to.emit('SHAPE', { inputs: [to.plain(value)], dims: [rank], dtype: 'int32', options: { outType: 2 } })
  const begin = axisOf(number(node, 'start', 0), rank)
  const end = axisOf(number(node, 'end', rank), rank)
  to.put(output(node), begin === 0 && end === rank ? whole : a.slice(whole, { axis: 0, begin, end }))
}

/** One number everywhere, in a shape that is computed. */
const constantOfShape: Lowering = ({ node, to }) => {
  const attribute = node.attributes.get('value')
  const result = output(node)
  const dtype = to.dtype(result)
  if (dtype !== 'float32' && dtype !== 'int32')
    throw new Unconvertible(`a computed shape filled with ${dtype}`, 'Fix the batch: leave out --dynamic-batch.')
  const value = attribute?.type === 'tensor' ? (numbersOf(attribute.value)[0] ?? 0) : 0
  const scalar = dtype === 'float32' ? to.floats([value]) : to.ints([value], [])
  to.put(result, to.emit('FILL', { inputs: [to.plain(input(node, 0)), scalar], dims: to.dims(result), dtype, name: result.name }))
}

export const shapes: Readonly<Record<string, Lowering>> = { Shape: shape, ConstantOfShape: constantOfShape }
