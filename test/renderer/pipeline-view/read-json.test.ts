import { expect, it } from 'vitest'
import { readJson } from '../../../renderer/pipeline-view/read-json.ts'

it('reads what is JSON', () => {
  expect(readJson('{"a": [1]}')).toEqual({ value: { a: [1] } })
})

it('tells the line and column of a fault', () => {
  expect(readJson('{\n  "a": 1,\n  "b" 2\n}')).toMatchObject({ where: 'line 3, column 7' })
  expect(readJson('{\n  "a": 1')).toMatchObject({ where: expect.stringMatching(/^line 2/), what: expect.any(String) })
})
