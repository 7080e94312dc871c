import { expect, it } from 'vitest'
import { staticNodes } from '../../../core/structure/static-nodes.ts'
import { modelOf } from '../../support/graph.ts'

it('a branch that carries numbers is no arithmetic on shapes, whatever its condition is', () => {
  const { graph } = modelOf(`
    (x: float32[n, 3]) -> (y: float32[...])
    shape = Shape(x)
    first = Gather(shape, int64 0)
    one = Equal(first, int64 1)
    z = If(one) {
      then_branch: { () -> (a) a = Squeeze(x) },
      else_branch: { () -> (b) b = Identity(x) }
    }
    y = Relu(z)`)
  const { shape, constant } = staticNodes(graph)
  expect([...shape].map(({ opType }) => opType)).toEqual(['Shape', 'Gather', 'Equal'])
  expect(constant.size).toBe(0)
})

it('a constant that is cast to the type of a value is still a constant', () => {
  const { graph } = modelOf('(x: float32[n, 3]) -> (y: float32[n, 3])\nc = CastLike(float32 2.0, x)\ny = Mul(x, c)')
  const { shape, constant } = staticNodes(graph)
  expect([...constant].map(({ opType }) => opType)).toEqual(['CastLike'])
  expect(shape.size).toBe(0)
})
