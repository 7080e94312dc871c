import { expect, it } from 'vitest'
import { partsOf, shadeOf, totalOf } from '../../../renderer/panels/candidates/storage.ts'

const gzip = { bytes: 1, estimated: false }

it('lists what takes room from wide to narrow, the graph last', () => {
  const parts = partsOf({ byType: { int8: 300, float32: 20, int64: 5, uint8: 0, bool: 2 }, graph: 40, gzip })
  expect(parts.map(({ name }) => name)).toEqual(['float32', 'int8', 'int64', 'bool', 'graph'])
  expect(totalOf(parts)).toBe(367)
})

it('paints precisions apart', () => {
  const names = ['float32', 'float16', 'int8', 'uint4', 'graph', 'int64']
  expect(new Set(names.map(shadeOf)).size).toBe(names.length)
  expect(shadeOf('uint8')).toBe(shadeOf('int8'))
})
