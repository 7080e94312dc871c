import { isFloat } from '../../ir/dtype.ts'
import { numbersOf, tensorFrom } from '../../ir/numbers.ts'
import { countOf, type Tensor } from '../../ir/tensor.ts'
import { broadcastShapes } from '../../shapes/dim.ts'

/** Larger constants are left where they are: combining them would read weights. */
const largest = 4096

/** Two float constants combined element by element; `null` when they are large, whole numbers or of different types. */
export function combined(a: Tensor, b: Tensor, work: (x: number, y: number) => number): Tensor | null {
  if (a.ref.dtype !== b.ref.dtype || !isFloat(a.ref.dtype) || a.ref.dtype.startsWith('float8') || a.ref.dtype.startsWith('float4'))
    return null
  const dims = broadcastShapes(a.ref.dims, b.ref.dims)
  if (dims.some((dim) => typeof dim !== 'number')) return null
  const count = countOf(dims as readonly number[])
  if (count > largest) return null
  const [x, y] = [spread(a, dims as readonly number[]), spread(b, dims as readonly number[])]
  return tensorFrom(
    a.ref.dtype,
    dims as readonly number[],
    Array.from({ length: count }, (_, i) => work(x(i), y(i))),
  )
}

/** The element of a tensor that stands at a flat position of the dims it is broadcast to. */
function spread(tensor: Tensor, dims: readonly number[]): (position: number) => number {
  const numbers = numbersOf(tensor)
  if (numbers.length === 1) return () => numbers[0] as number
  const own = [...new Array<number>(dims.length - tensor.ref.dims.length).fill(1), ...tensor.ref.dims]
  return (position) => {
    let [rest, index, stride] = [position, 0, 1]
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const size = dims[axis] as number
      if (own[axis] !== 1) index += (rest % size) * stride
      stride *= own[axis] as number
      rest = Math.floor(rest / size)
    }
    return numbers[index] as number
  }
}
