import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Dim } from '../../../core/ir/value.ts'
import {
  addDims,
  broadcastDim,
  canonicalDim,
  differentDims,
  divideDims,
  evaluateDim,
  minimumDim,
  multiplyDims,
  productOf,
  sameDim,
  subtractDims,
  symbolsOf,
} from '../../../core/shapes/dim.ts'

describe('dimension expressions', () => {
  it('have one canonical form', () => {
    expect(canonicalDim('seq+past')).toBe('past + seq')
    expect(canonicalDim('4 * batch')).toBe('batch*4')
    expect(addDims('past', 'seq')).toBe('past + seq')
    expect(subtractDims(addDims('past', 'seq'), 'past')).toBe('seq')
    expect(multiplyDims(addDims('a', 1), 'b')).toBe('a*b + b')
    expect(subtractDims('n', 'n')).toBe(0)
    expect(canonicalDim('batch size')).toBe('batch size')
  })

  it('divide exactly where they can and say floor where not', () => {
    expect(divideDims(productOf(['batch', 'seq', 64]), multiplyDims('seq', 8))).toBe('batch*8')
    expect(divideDims(addDims('h', 1), 2)).toBe('floor((h + 1)/2)')
    expect(evaluateDim(divideDims(addDims('h', 1), 2), new Map([['h', 4]]))).toBe(2)
    expect(divideDims('h', 0)).toBeNull()
  })

  it('keep what they do not know apart', () => {
    expect(addDims(null, 1)).toBeNull()
    expect(sameDim(null, null)).toBe(false)
    expect(differentDims('n', addDims('n', 1))).toBe(true)
    expect(differentDims('n', 'm')).toBe(false)
    expect(broadcastDim('n', 'm')).toBeNull()
    expect(broadcastDim('n', 7)).toBe(7)
    expect(broadcastDim(minimumDim(64, 'n'), 'n')).toBe('n')
    expect(minimumDim('n', addDims('n', 3))).toBe('n')
    expect(symbolsOf('floor((h + 1)/2)*2 + w')).toEqual(['h', 'w'])
  })

  it('compute what the numbers would: any expression evaluates like its parts', () => {
    const leaf = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom('a', 'b', 'c'))
    const sizes = new Map([
      ['a', 3],
      ['b', 5],
      ['c', 7],
    ])
    const at = (dim: Dim) => evaluateDim(dim, sizes) as number
    const step = fc.tuple(fc.constantFrom('+', '-', '*', '/', 'min'), leaf)
    fc.assert(
      fc.property(leaf, fc.array(step, { maxLength: 6 }), (first, steps) => {
        let dim: Dim = first
        let number = at(first)
        for (const [sign, operand] of steps) {
          if (sign === '/' && at(operand) === 0) continue
          if (sign === '+') [dim, number] = [addDims(dim, operand), number + at(operand)]
          if (sign === '-') [dim, number] = [subtractDims(dim, operand), number - at(operand)]
          if (sign === '*') [dim, number] = [multiplyDims(dim, operand), number * at(operand)]
          if (sign === '/') [dim, number] = [divideDims(dim, operand), Math.floor(number / at(operand))]
          if (sign === 'min') [dim, number] = [minimumDim(dim, operand), Math.min(number, at(operand))]
          expect(at(dim)).toBe(number)
          expect(canonicalDim(dim)).toBe(dim)
        }
      }),
      { seed: 7, numRuns: 300 },
    )
  })
})
