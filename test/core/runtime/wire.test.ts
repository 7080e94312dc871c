import { expect, it } from 'vitest'
import { concat, contentsOf, integerField, lengthField } from '../../../core/runtime/wire.ts'

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('utf8')

it('finds again what it wrote, among other fields', () => {
  const long = 'x'.repeat(300)
  const fixed = Uint8Array.of(5 * 8 + 5, 1, 2, 3, 4, 6 * 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8)
  const message = concat([integerField(1, 300), lengthField(2, 'a', 'b'), fixed, lengthField(3, lengthField(1, long)), lengthField(2, 'c')])
  expect(contentsOf(message, 2).map(text)).toEqual(['ab', 'c'])
  expect(text(contentsOf(contentsOf(message, 3)[0] as Uint8Array, 1)[0])).toBe(long)
  expect(contentsOf(message, 7)).toEqual([])
})

it('ends with the bytes, whatever they are', () => {
  expect(contentsOf(Uint8Array.of(0xff, 0xff, 0xff), 1)).toEqual([])
  expect(contentsOf(Uint8Array.of(10, 200), 1)[0]).toHaveLength(0)
})
