import { expect, it } from 'vitest'
import { profileOf, scaleFor } from '../../../renderer/welcome/profile.ts'

const source = [
  { name: 'embeddings', ms: 1, bytes: 400 },
  { name: 'layer', ms: 3, bytes: 100 },
]
const candidate = [{ name: 'layer', ms: 2, bytes: 100 }]
const scale = scaleFor([source, candidate], { width: 400, radius: 43 })

it('draws time as length, on one scale for both versions', () => {
  expect(profileOf(source, scale).width).toBe(400)
  expect(profileOf(candidate, scale).width).toBe(200)
})
it('draws size as area: a quarter of the bytes, half of the radius', () => {
  expect(profileOf(source, scale).joints).toEqual([{ x: 100, radius: 23 }])
  expect(profileOf(source, scale).path).toContain('L0 -43')
})
