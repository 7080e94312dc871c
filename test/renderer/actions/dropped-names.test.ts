import { expect, it } from 'vitest'
import type { Problem } from '../../../core/api/problem.ts'
import { byDroppedName } from '../../../renderer/actions/dropped-names.ts'

const folder = '/store/uploads/3f2b9c1e-0000-4000-8000-123456789abc/'
const problem: Problem = {
  kind: 'format',
  code: 'truncated',
  what: `${folder}broken.onnx ends too early; ${folder}weights.bin is missing`,
  where: { file: `${folder}broken.onnx`, offset: 5000 },
  mend: `Drop ${folder}broken.onnx again.`,
}

it('tells of dropped files by the names that they were dropped under', () => {
  expect(byDroppedName(problem, new Map([['broken.onnx', `${folder}broken.onnx`]]))).toEqual({
    kind: 'format',
    code: 'truncated',
    what: 'broken.onnx ends too early; weights.bin is missing',
    where: { file: 'broken.onnx', offset: 5000 },
    mend: 'Drop broken.onnx again.',
  })
})

it('asks for what was not dropped with the file that names it', () => {
  const alone = byDroppedName({ ...problem, code: 'missing-file', mend: 'Mend the path, or add the file.' }, new Map())
  expect(alone.mend).toBe('Drop both together: what was dropped before is looked at by itself.')
})

it('leaves other places alone', () => {
  expect(byDroppedName(problem, new Map())).toEqual(problem)
})
