import type { Value } from '../../ir/value.ts'
import { any, maybe, oneOf, op, scalar } from '../../rewrite/pattern.ts'
import { productOf, sameDim } from '../../shapes/dim.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

/** What puts the axes back that a sum took away. */
export const views = ['Reshape', 'Unsqueeze']

const square = oneOf(op('Mul', [any('x'), any('x')]), op('Pow', [any('x'), scalar(2)]))
const sumOfSquares = oneOf(op('ReduceSum', [square, maybe(any())], 'squares'), op('ReduceSumSquare', [any('x'), maybe(any())], 'squares'))

/** E[x^2], however it is summed; `squares` is the sum or mean. */
export const meanSquare = oneOf(
  op('ReduceMean', [square, maybe(any())], 'squares'),
  op('Mul', [sumOfSquares, scalar('squareShare')]),
  op('Div', [sumOfSquares, scalar('squareCount')]),
)

interface Divisors {
  readonly share?: number
  readonly count?: number
  readonly squareShare?: number
  readonly squareCount?: number
}

/** Whether sums over the axes from `axis` on are divided by how many they sum up, as far as a float tells; means are by nature. */
export function dividesByCount({ share, count, squareShare, squareCount }: Divisors, x: Value, axis: number): boolean {
  const divisors = [share && 1 / share, count, squareShare && 1 / squareShare, squareCount].filter((divisor) => divisor !== undefined)
  const size = productOf(shapeOf(x)?.slice(axis) ?? [null])
  return divisors.every((divisor) => typeof size === 'number' && Math.abs(divisor / size - 1) < 1e-6)
}

/** Whether a statistic over the last axes of a value, from `axis` on, has the others where the value has them. */
export function isAlong(statistic: Value, x: Value, axis: number): boolean {
  const [own, whole] = [shapeOf(statistic), shapeOf(x)]
  if (own === null || whole === null || own.length !== whole.length) return false
  return own.every((dim, i) =>
    i >= whole.length + axis ? dim === 1 : sameDim(dim, whole[i] ?? null) || (dim === null && whole[i] === null),
  )
}
