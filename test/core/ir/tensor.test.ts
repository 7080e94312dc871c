import { describe, expect, it } from 'vitest'
import { countOf, lazyBlob, memoryBlob, stringTensor, tensorAt, tensorOf } from '../../../core/ir/tensor.ts'

describe('blobs', () => {
  it('have names of their own', () => {
    const ids = [memoryBlob(new Uint8Array(1)), memoryBlob(new Uint8Array(1)), lazyBlob(1, () => new Uint8Array(1))].map(({ id }) => id)
    expect(new Set(ids).size).toBe(3)
  })

  it('that are lazy make their bytes once, when these are read', () => {
    let made = 0
    const blob = lazyBlob(4, () => {
      made += 1
      return Uint8Array.of(1, 2, 3, 4)
    })
    const tensor = tensorAt(blob, { offset: 1, length: 2, dtype: 'uint8', dims: [2] })
    expect(made).toBe(0)
    expect([...tensor.read(), ...tensor.read(1)]).toEqual([2, 3, 3])
    expect(made).toBe(1)
  })
})

describe('tensors', () => {
  it('are ranges of a blob, and read by ranges of their own', () => {
    const blob = memoryBlob(Uint8Array.of(0, 1, 2, 3, 4, 5))
    const tensor = tensorAt(blob, { offset: 2, length: 3, dtype: 'uint8', dims: [3] })
    expect(tensor.ref).toEqual({ blob: blob.id, offset: 2, length: 3, dtype: 'uint8', dims: [3] })
    expect([...tensor.read(1, 3)]).toEqual([3, 4])
  })

  it('must have the bytes that type and dims ask for', () => {
    expect(() => tensorOf('int4', [3], new Uint8Array(1))).toThrow(/has 2 bytes, not 1/)
    expect(() => stringTensor([2], [new Uint8Array(0)])).toThrow(/has 2 elements, not 1/)
    expect(tensorOf('int4', [3], new Uint8Array(2)).ref.length).toBe(2)
  })

  it('count their elements', () => expect([countOf([]), countOf([2, 3]), countOf([2, 0])]).toEqual([1, 6, 0]))
})
