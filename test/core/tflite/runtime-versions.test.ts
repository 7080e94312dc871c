import { expect, test } from 'vitest'
import { decodeFile } from '../../../core/tflite/file.ts'
import { releaseOf } from '../../../core/tflite/runtime-versions.ts'
import { converted, frozen } from '../../support/check-tflite.ts'
import { modelOf } from '../../support/graph.ts'
import { encodeFile } from '../../support/tflite-bytes.ts'

/** What the file says it wants, as a program would read it. */
function wanted(text: string): string {
  const file = decodeFile(encodeFile(converted(frozen(modelOf(text))).file))
  const entry = file.metadata.find(({ name }) => name === 'min_runtime_version')
  const data = file.buffers[entry?.buffer ?? 0] as Uint8Array
  expect(data.byteLength).toBe(16)
  return new TextDecoder().decode(data).replace(/\0+$/, '')
}

test('a file says which release of the runtime it wants at least', () => {
  expect(wanted('(x: float32[1, 4]) -> (y: float32[1, 4])\ny = Relu(x)')).toBe('1.5.0')
  expect(wanted('(x: float32[1, 4]) -> (y: float32[1, 4])\na = Relu(x)\ny = Gelu(a)')).toBe('2.9.0')
  // 1.14.0 comes after 1.5.0, though not by the alphabet.
  expect(wanted('(x: float32[1, 4]) -> (y: float32[1, 4])\na = Relu(x)\ny = Ceil(a)')).toBe('1.14.0')
})

test.each([
  ['CONV_2D', 1, '1.5.0'],
  ['CONV_2D', 6, '2.9.0'],
  ['FULLY_CONNECTED', 12, '2.17.0'],
  ['BROADCAST_TO', 1, null],
  ['CONV_2D', 99, null],
] as const)('%s in version %i came with %s', (operator, version, release) => {
  expect(releaseOf(operator, version)).toBe(release)
})
