import { describe, expect, it } from 'vitest'
import { kernelRows, lifetimeOf, tableRuntime } from '../../../core/targets/kernels.ts'
import type { KernelCase } from '../../../scripts/kernels/case.ts'
import { lifetimeOf as askedLifetime } from '../../../scripts/kernels/known-operators.ts'
import { linear } from '../../../scripts/kernels/linear.ts'
import { quantized } from '../../../scripts/kernels/quantized.ts'
import { runCase } from '../../../scripts/kernels/run-case.ts'
import { transformer } from '../../../scripts/kernels/transformer.ts'
import { testRuntime } from '../../support/spawn-runtime.ts'

const runtime = await testRuntime()

/** A few of each group: all of them take as long as making the table. */
const probes = [linear, transformer, quantized].flatMap((group) => group.filter((_, i) => i % 9 === 0))

describe('the kernel table', () => {
  it('is of the runtime that is installed', async () => {
    const { name, version } = await runtime.info()
    expect(tableRuntime).toBe(`${name} ${version}`)
  })

  // Kernels differ between processors of other kinds; the table is of x64.
  it.runIf(process.arch === 'x64').each(probes.map((probe) => [`${probe.op} ${probe.variant}`, probe] as [string, KernelCase]))(
    'still holds for %s',
    async (_, probe) => {
      const row = kernelRows(probe.op).find(({ variant, opset }) => variant === probe.variant && opset === probe.opset)
      const outcome = await runCase(runtime, probe, 'disabled')
      expect('ran' in outcome).toBe(row !== undefined && row.fate.kind !== 'refused')
    },
  )

  it('knows since when an operator is there, as the runtime does', async () => {
    expect(await askedLifetime(runtime, 'Gelu', 22)).toEqual({ first: 20, last: null })
    expect(lifetimeOf('Gelu')).toEqual({ first: 20, last: Number.POSITIVE_INFINITY })
    expect(lifetimeOf('Upsample')?.last).toBe(9)
    expect(lifetimeOf('BiasGelu')).toBeNull()
    expect(lifetimeOf('constructor')).toBeNull()
  })
})
