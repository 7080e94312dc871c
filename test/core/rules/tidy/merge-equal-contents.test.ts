import { describe, expect, it } from 'vitest'
import { drive } from '../../../../core/rewrite/drive.ts'
import { dropDeadCode } from '../../../../core/rules/tidy/drop-dead-code.ts'
import { mergeEqualContents } from '../../../../core/rules/tidy/merge-equal-contents.ts'
import { checkLeaves, checkSame } from '../../../support/check-rule.ts'
import { modelOf } from '../../../support/graph.ts'

const shapeOf = (x: string) => `s${x} = Shape(${x})\nb${x} = Gather(s${x}, int64[1] {0})\nt${x} = Concat(b${x}, int64[1] {-1}) {axis: 0}\n`

describe('merge-equal-contents', () => {
  it('computes the same sizes once, whatever they are taken from', async () => {
    const model = modelOf(
      `(x: float32[n, 2, 3]) -> (y)\n${shapeOf('x')}r = Reshape(x, tx)\nh = Relu(x)\n${shapeOf('h')}q = Reshape(h, th)\ny = Add(r, q)`,
    )
    const fork = model.fork()
    expect(drive(fork, [mergeEqualContents, dropDeadCode]).changed).toBe(true)
    expect(fork.graph.nodes.map(({ opType }) => opType).sort()).toEqual(['Add', 'Concat', 'Gather', 'Relu', 'Reshape', 'Reshape', 'Shape'])
    await checkSame(model, fork, { fidelity: 'exact' })
  })

  it('keeps sizes apart that may differ', () => {
    checkLeaves(
      mergeEqualContents,
      '(x: float32[n, 2], z: float32[m, 2]) -> (p, q)\ns = Shape(x)\nt = Shape(z)\np = Add(s, int64 1)\nq = Add(t, int64 1)',
    )
  })
})
