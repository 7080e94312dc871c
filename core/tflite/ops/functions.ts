import { Arithmetic } from '../arithmetic.ts'
import { input, number, output } from '../attributes.ts'
import type { Lowering, LoweringContext } from '../conversion.ts'

/** A function of one input, composed of operators that work element by element, in whatever order of axes the input has. */
export const pointwise =
  (build: (x: number, a: Arithmetic, context: LoweringContext) => number): Lowering =>
  (context) => {
    const { node, to } = context
    const place = to.placed(input(node, 0))
    to.put(output(node), build(place.tensor, new Arithmetic(to), context), place.perm)
  }

/** Coefficients of t, t^2 ... in the approximation of erf by Abramowitz and Stegun, 7.1.26; its error is at most 1.5e-7. */
const erfTerms = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429]
const erfRate = 0.3275911

/** sign(x) * (1 - p(t) * exp(-x^2)) with t = 1 / (1 + rate |x|). */
function erf(x: number, a: Arithmetic): number {
  const size = a.unary('ABS', x)
  const slope = a.with('ADD', a.with('MUL', size, erfRate), 1)
  const t = a.binary('DIV', a.scalar(1, x), slope)
  const sum = erfTerms
    .slice(0, -1)
    .reduceRight((inner, term) => a.with('ADD', a.binary('MUL', inner, t), term), a.scalar(erfTerms.at(-1) as number, x))
  const tail = a.binary('MUL', a.binary('MUL', sum, t), a.unary('EXP', a.unary('NEG', a.binary('MUL', x, x))))
  return a.binary('MUL', a.unary('SIGN', x), a.binary('SUB', a.scalar(1, x), tail))
}

/** sqrt(1 - x^2), written so that nothing cancels near the ends. */
const cathetus = (x: number, a: Arithmetic): number =>
  a.unary('SQRT', a.binary('MUL', a.binary('SUB', a.scalar(1, x), x), a.with('ADD', x, 1)))

const halfOf = (operator: 'ADD' | 'SUB') => (x: number, a: Arithmetic) =>
  a.with('MUL', a.binary(operator, a.unary('EXP', x), a.unary('EXP', a.unary('NEG', x))), 0.5)

/** sign(x) * log(|x| + sqrt(x^2 + 1)). */
function asinh(x: number, a: Arithmetic): number {
  const size = a.unary('ABS', x)
  const root = a.unary('SQRT', a.with('ADD', a.binary('MUL', x, x), 1))
  return a.binary('MUL', a.unary('SIGN', x), a.unary('LOG', a.binary('ADD', size, root)))
}

const acosh = (x: number, a: Arithmetic): number =>
  a.unary('LOG', a.binary('ADD', x, a.unary('SQRT', a.with('SUB', a.binary('MUL', x, x), 1))))

const atanh = (x: number, a: Arithmetic): number =>
  a.with('MUL', a.unary('LOG', a.binary('DIV', a.with('ADD', x, 1), a.binary('SUB', a.scalar(1, x), x))), 0.5)

/** Infinite of one sign or both. */
function isInf(x: number, a: Arithmetic, { node }: LoweringContext): number {
  const [positive, negative] = [number(node, 'detect_positive', 1) === 1, number(node, 'detect_negative', 1) === 1]
  const measured = positive && negative ? a.unary('ABS', x) : negative ? a.unary('NEG', x) : x
  return a.compare('EQUAL', measured, a.scalar(Number.POSITIVE_INFINITY, x))
}

export const functions: Readonly<Record<string, Lowering>> = {
  Erf: pointwise(erf),
  Tan: pointwise((x, a) => a.binary('DIV', a.unary('SIN', x), a.unary('COS', x))),
  // ATAN2 does not broadcast: an element's own 1.
  Atan: pointwise((x, a) => a.binary('ATAN2', x, a.cast(a.compare('EQUAL', x, x), 'float32'))),
  Asin: pointwise((x, a) => a.binary('ATAN2', x, cathetus(x, a))),
  Acos: pointwise((x, a) => a.binary('ATAN2', cathetus(x, a), x)),
  Sinh: pointwise(halfOf('SUB')),
  Cosh: pointwise(halfOf('ADD')),
  Asinh: pointwise(asinh),
  Acosh: pointwise(acosh),
  Atanh: pointwise(atanh),
  IsNaN: pointwise((x, a) => a.compare('NOT_EQUAL', x, x)),
  IsInf: pointwise(isInf),
}
