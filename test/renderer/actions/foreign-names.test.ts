import { expect, it } from 'vitest'
import type { PassInfo } from '../../../core/api/pipeline.ts'
import { withoutForeignNames } from '../../../renderer/actions/foreign-names.ts'
import { wired } from '../../../renderer/stores/pipeline-edit.ts'

const passes = [
  { id: 'int8', family: 'precision', options: { properties: { keep: { type: 'array', items: { type: 'string' } } } } },
] as unknown as PassInfo[]
const pipeline = (keep: string[]) =>
  wired({
    ...{ lathe: 1, name: 'p', target: 'ort' },
    stages: [
      { id: 'tidy', pass: 'clean-up', options: {} },
      { id: 'a', pass: 'int8', options: { perChannel: true, keep } },
    ],
  })
const nodes = [{ ref: '/encoder/layer.0/query/MatMul', path: ['encoder', 'encoder/layer.0'] }]

it('drops a list of nodes that another model had', () => {
  const { stages } = withoutForeignNames(pipeline(['/stem/Conv', '/fc/Gemm']), passes, nodes)
  expect(stages.map(({ options }) => options)).toEqual([{}, { perChannel: true }])
})

it.each([[['/encoder/layer.0/query/MatMul', '/typo/MatMul']], [['encoder.layer.0']], [[]]])(
  'leaves %j as it is: the model knows of it, or there is nothing to drop',
  (keep) => {
    const before = pipeline(keep)
    expect(withoutForeignNames(before, passes, nodes)).toBe(before)
  },
)
