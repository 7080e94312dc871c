import type { Tensor } from '../../ir/tensor.ts'
import { any, constant, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { knownOf } from '../../shapes/known.ts'
import { passThrough } from './passing.ts'

const neutral: Readonly<Record<string, number>> = { Add: 0, Sub: 0, Mul: 1, Div: 1, Pow: 1, And: 1, Or: 0, Xor: 0 }

const isAll = (tensor: Tensor, wanted: number): boolean => {
  const first = firstOf(tensor)
  if (first !== null && first !== wanted) return false
  const known = knownOf(tensor)
  return known !== null && known.entries.length > 0 && known.entries.every((entry) => entry === wanted)
}

const firsts = new WeakMap<Tensor, number>()

/** The first element of a float32 tensor, which mostly decides already; `null` for other types. */
function firstOf(tensor: Tensor): number | null {
  const { dtype, length } = tensor.ref
  if (dtype !== 'float32' || length < 4) return null
  const first = firsts.get(tensor) ?? new DataView(tensor.read(0, 4).slice().buffer).getFloat32(0, true)
  firsts.set(tensor, first)
  return first
}

export const dropNeutralArithmetic = rule({
  id: 'drop-neutral-arithmetic',
  summary: 'x + 0, x - 0, x * 1, x / 1, x to the power of 1, x and true, x or false are x.',
  fidelity: 'exact',
  pattern: oneOf(op(['Add', 'Mul', 'And', 'Or', 'Xor'], [any('x'), constant('c')]), op(['Sub', 'Div', 'Pow'], [any('x'), constant('c')])),
  rewrite({ x, c }, draft) {
    if (!isAll(c.constant, neutral[draft.root.opType] as number)) return reject('the constant is not neutral', c)
    return passThrough(x, draft.root.outputs[0] as typeof x)
  },
})
