import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fromText, toText } from '../../../core/store/plain.ts'

it('gives back whatever plain data it was given', () => {
  const leaf = fc.oneof(
    fc.double(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.bigInt(),
    fc.float32Array(),
    fc.bigInt64Array(),
    fc.uint8Array(),
  )
  const data = fc.letrec((tie) => ({
    node: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('node')), fc.dictionary(fc.string(), tie('node'), { noNullPrototype: true })),
  })).node
  fc.assert(
    fc.property(data, (value) => {
      expect(fromText(toText(value))).toEqual(value)
    }),
  )
})

it('gives equal text for equal data when keys are sorted', () => {
  expect(toText({ b: 1, a: { d: undefined, c: 2 } }, true)).toBe(toText({ a: { c: 2 }, b: 1 }, true))
  expect(toText({ a: -0 }, true)).not.toBe(toText({ a: 0 }, true))
})

it('refuses an object that looks like one of its own tags', () => {
  expect(() => toText({ $lathe: 'number' })).toThrow(TypeError)
})
