import { textOf } from '../../ir/attributes.ts'
import type { Dim, Shape } from '../../ir/value.ts'
import { broadcastDim, broadcastShapes } from '../dim.ts'
import { attribute, type Call, type Family, type Infer, tensor } from '../operator.ts'

/** numpy's matmul: batch dimensions broadcast, vectors lose the axis they were given. */
export function matMulShape(a: Shape, b: Shape): Shape {
  if (a === null || b === null || a.length === 0 || b.length === 0) return null
  const left = a.length === 1 ? [1, ...a] : a
  const right = b.length === 1 ? [...b, 1] : b
  const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2))
  const rows = a.length === 1 ? [] : [left.at(-2) ?? null]
  const columns = b.length === 1 ? [] : [right.at(-1) ?? null]
  return [...batch, ...rows, ...columns]
}

const gemm: Infer = (call) => {
  const [a, b] = [call.shape(0), call.shape(1)]
  const rows = a?.[attribute(call, 'transA', 0) === 1 ? 1 : 0] ?? null
  const columns = b?.[attribute(call, 'transB', 0) === 1 ? 0 : 1] ?? null
  return [tensor(call.dtype(0), [rows, columns])]
}

/** Einsum; an ellipsis stands for the axes that the letters leave over, and broadcasts. */
function einsumShape(call: Call): Shape {
  const equation = textOf(call.node, 'equation', '').replace(/\s/g, '')
  if (equation === '') return null
  const [terms, given] = withoutEllipsis(call, equation)?.split('->') ?? []
  if (terms === undefined) return null
  const sizes = new Map<string, Dim>()
  const inputs = terms.split(',')
  inputs.forEach((term, input) => {
    const shape = call.shape(input)
    ;[...term].forEach((letter, axis) => {
      sizes.set(letter, broadcastDim(sizes.get(letter) ?? 1, shape?.[axis] ?? null))
    })
  })
  const letters = [...inputs.join('')]
  const implicit = () => [...new Set(letters)].filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort()
  return (given === undefined ? implicit() : [...given]).map((letter) => sizes.get(letter) ?? null)
}

/** The equation with capital letters that it does not use in the place of every ellipsis; `null` where a rank is not known. */
function withoutEllipsis(call: Call, equation: string): string | null {
  if (!equation.includes('...')) return equation
  const [terms = '', given] = equation.split('->')
  const inputs = terms.split(',')
  const counts = inputs.map((term, i) => (term.includes('...') ? (call.shape(i)?.length ?? Number.NaN) - (term.length - 3) : 0))
  const most = Math.max(...counts)
  const free = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((letter) => !equation.includes(letter)).slice(0, most)
  if (!(most >= 0) || free.length < most) return null
  const whole = inputs.map((term, i) => term.replace('...', free.slice(most - (counts[i] as number)).join(''))).join(',')
  return given === undefined ? null : `${whole}->${given.replace('...', free.join(''))}`
}

const matMul =
  (dtype: (call: Call) => ReturnType<Call['dtype']>, b = 1): Infer =>
  (call) => [tensor(dtype(call), matMulShape(call.shape(0), call.shape(b)))]

export const linear: Family = {
  MatMul: { infer: matMul((call) => call.dtype(0)) },
  MatMulInteger: { infer: matMul(() => 'int32') },
  QLinearMatMul: { infer: matMul((call) => call.dtype(7), 3) },
  Gemm: { infer: gemm },
  Einsum: { infer: (call) => [tensor(call.dtype(0), einsumShape(call))] },
  Det: { infer: (call) => [tensor(call.dtype(0), call.shape(0)?.slice(0, -2) ?? null)] },
}
