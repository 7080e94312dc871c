import { Arithmetic } from '../arithmetic.ts'
import { attributeOrInput, axisOf, input, number, output } from '../attributes.ts'
import type { Lowering, LoweringContext } from '../conversion.ts'

/** The axes of a reduction, from the front; `null` when nothing is reduced. */
export function reducedAxes({ node, to }: LoweringContext): readonly number[] | null {
  const rank = to.dims(input(node, 0)).length
  const axes = (attributeOrInput(node, 'axes', 1) ?? []).map((axis) => axisOf(axis, rank))
  if (axes.length === 0 && number(node, 'noop_with_empty_axes', 0) === 1) return null
  return axes.length === 0 ? Array.from({ length: rank }, (_, i) => i) : axes
}

interface Reduced {
  readonly a: Arithmetic
  readonly axes: readonly number[]
  readonly keep: boolean
}

/** A reduction in parts. Without axes to reduce it works on each element by itself. */
const reduction =
  (build: (x: number, reduced: Reduced) => number): Lowering =>
  (context) => {
    const { node, to } = context
    const a = new Arithmetic(to)
    const reduced = { a, axes: reducedAxes(context) ?? [], keep: number(node, 'keepdims', 1) === 1 }
    to.put(output(node), build(to.plain(input(node, 0)), reduced))
  }

const sum = (x: number, { a, axes, keep }: Reduced): number => (axes.length === 0 ? x : a.reduce('SUM', x, axes, keep))

const square = (x: number, { a }: Reduced): number => a.binary('MUL', x, x)

/** m + log(sum(exp(x - m))) for the largest element m, so that nothing overflows. */
function logSumExp(x: number, reduced: Reduced): number {
  const { a, axes, keep } = reduced
  if (axes.length === 0) return x
  const most = a.reduce('REDUCE_MAX', x, axes)
  const total = a.unary('LOG', sum(a.unary('EXP', a.binary('SUB', x, most)), { ...reduced, keep: true }))
  const result = a.binary('ADD', total, most)
  const dims = a.dims(result).filter((_, axis) => !axes.includes(axis))
  return keep ? result : a.reshape(result, dims)
}

export const composedReductions: Readonly<Record<string, Lowering>> = {
  ReduceL1: reduction((x, reduced) => sum(reduced.a.unary('ABS', x), reduced)),
  ReduceL2: reduction((x, reduced) => reduced.a.unary('SQRT', sum(square(x, reduced), reduced))),
  ReduceSumSquare: reduction((x, reduced) => sum(square(x, reduced), reduced)),
  ReduceLogSum: reduction((x, reduced) => reduced.a.unary('LOG', sum(x, reduced))),
  ReduceLogSumExp: reduction(logSumExp),
}
