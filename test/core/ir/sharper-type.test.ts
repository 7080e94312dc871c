import { expect, it } from 'vitest'
import { sharperType } from '../../../core/ir/sharper-type.ts'
import type { Dim, ValueType } from '../../../core/ir/value.ts'

const float = (...shape: Dim[]): ValueType => ({ kind: 'tensor', dtype: 'float32', shape })
const unranked: ValueType = { kind: 'tensor', dtype: 'float32', shape: null }

it.each([
  ['a size that only one knows is kept', float(3, null), float(null, 2), float(3, 2)],
  ['a found size is sharper than a symbol', float('batch', 10), float(4, 10), float(4, 10)],
  ['declared symbols stay', float('batch', 'sequence'), float('n', null), float('batch', 'sequence')],
  ['a declared rank stays', float(3, 2), unranked, float(3, 2)],
  ['a found rank is taken', unranked, float(3, 2), float(3, 2)],
  ['another rank is no finding about the same value', float(3), float(3, 1), float(3, 1)],
  ['a type is taken where there was none', null, float(1), float(1)],
  ['a type stays where none was found', float(1), null, float(1)],
])('%s', (_, declared, found, expected) => {
  expect(sharperType(declared, found)).toEqual(expected)
})

it('symbols that were found win where that is asked for, sizes and ranks as ever', () => {
  expect(sharperType(float('batch', 3, 'n'), float('b', 'm', null), 'found')).toEqual(float('b', 3, 'n'))
})

it('what is known already stays the same object', () => {
  const declared = float('batch', 3)
  expect(sharperType(declared, float('b', null))).toBe(declared)
  expect(sharperType(declared, unranked)).toBe(declared)
})

it('another element type is another value', () => {
  const bytes: ValueType = { kind: 'tensor', dtype: 'uint8', shape: [null] }
  expect(sharperType(float(3), bytes)).toBe(bytes)
})
