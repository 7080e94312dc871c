import { expect, it } from 'vitest'
import type { Machine } from '../../../core/api/measurement.ts'
import { providerOn } from '../../../core/engine/provider.ts'

const machine = { runtime: { name: 'onnxruntime', version: '1.30.0', providers: ['cpu', 'webgpu'] } } as unknown as Machine

it('the processor serves unless another provider is asked for', () => {
  expect(providerOn(machine, undefined)).toBe('cpu')
  expect(providerOn(machine, 'webgpu')).toBe('webgpu')
})

it('a provider that the runtime lacks is wrong usage, with those that it has', () => {
  expect(() => providerOn(machine, 'foo')).toThrow("no execution provider 'foo'")
  expect(() => providerOn(machine, 'foo')).toThrow('cpu, webgpu')
})
