import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { machineSchema } from '../../../core/api/measurement.ts'
import { installedRuntime } from '../../../core/runtime/installed.ts'
import { describeMachine, featuresInCpuInfo, featuresOfApple } from '../../../core/runtime/machine.ts'
import { testRuntime } from '../../support/spawn-runtime.ts'

describe('the machine', () => {
  it('is described as reports want it, with what the runtime measured', async () => {
    const runtime = await testRuntime()
    const info = await runtime.info()
    const machine = await describeMachine(info)
    expect(machineSchema.parse(machine)).toEqual(machine)
    expect(machine.int8DotProduct).toBe(info.int8DotProduct)
    expect(machine.runtime).toMatchObject({ name: 'onnxruntime', version: installedRuntime().version })
    expect(machine.runtime.providers).toContain('cpu')
  })

  it('has dot products by measurement where its instructions promise them', async () => {
    const runtime = await testRuntime()
    const measured = await describeMachine(await runtime.info())
    const promised = await describeMachine(installedRuntime())
    // A processor without VNNI must not be found exact, nor one with it saturating. Elsewhere (Windows) nothing is promised.
    if (process.platform === 'linux') expect(measured.int8DotProduct).toBe(promised.int8DotProduct)
    expect(promised.runtime.providers).toEqual([])
  })

  it.runIf(process.platform === 'linux')('lists only features that the kernel lists', () => {
    const text = readFileSync('/proc/cpuinfo', 'utf8')
    expect(featuresInCpuInfo(text).includes('avx2')).toBe(/ avx2\b/.test(text))
  })

  it('reads the flags of other machines', () => {
    const server = 'processor\t: 0\nflags\t\t: fpu avx2 avx512f avx512_vnni amx_tile amx_int8 avx_vnni\n'
    expect(featuresInCpuInfo(server)).toEqual(['avx2', 'avx512', 'avx512-vnni', 'avx-vnni', 'amx'])
    const arm = 'processor : 0\nFeatures : fp asimd evtstrm aes asimddp i8mm\n'
    expect(featuresInCpuInfo(arm)).toEqual(['neon', 'dotprod', 'i8mm'])
    expect(featuresInCpuInfo('flags : sse2 avx\n')).toEqual([])
    expect(featuresOfApple('Apple M1 Pro')).toEqual(['neon', 'dotprod'])
    expect(featuresOfApple('Apple M4')).toEqual(['neon', 'dotprod', 'i8mm'])
  })
})
