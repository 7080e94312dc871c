import { numbersOf, tensorFrom } from '../../ir/numbers.ts'
import { constantNumbers, input, output } from '../attributes.ts'
import type { Lowering } from '../conversion.ts'
import { Unconvertible } from '../unconvertible.ts'

/** A range between constants is a constant; others are counted when the model runs. */
const range: Lowering = ({ node, to }) => {
  if ([0, 1, 2].some((at) => input(node, at).constant === null)) {
    const inputs = [0, 1, 2].map((at) => to.plain(input(node, at)))
    return to.put(
      output(node),
      to.emit('RANGE', { inputs, dims: to.dims(output(node)), dtype: to.dtype(output(node)), name: output(node).name }),
    )
  }
  const [start = 0, limit = 0, step = 1] = [0, 1, 2].map((at) => (constantNumbers(node, at) ?? [])[0] ?? 0)
  const dtype = to.dtype(input(node, 0))
  const values = Array.from({ length: Math.max(0, Math.ceil((limit - start) / step)) }, (_, i) => start + i * step)
  const data = tensorFrom(dtype, [values.length], values).read()
  to.put(output(node), to.constant(data, { name: output(node).name, dtype, shape: [values.length] }))
}

const constant: Lowering = ({ node, to }) => {
  const attribute = node.attributes.get('value')
  if (attribute?.type !== 'tensor') throw new Unconvertible('a constant that is no tensor', 'Run clean-up first.')
  const dtype = to.dtype(output(node))
  const { dims } = attribute.value.ref
  const data = tensorFrom(dtype, dims, numbersOf(attribute.value)).read()
  to.put(output(node), to.constant(data, { name: output(node).name, dtype, shape: dims }))
}

export const constants: Readonly<Record<string, Lowering>> = { Constant: constant, Range: range }
