import { describe, expect, it } from 'vitest'
import { numbersOf, tensorFrom } from '../../../core/ir/numbers.ts'
import { type Tensor, tensorOf } from '../../../core/ir/tensor.ts'
import { openLiteRt } from '../../../core/runtime/litert.ts'
import type { Outputs } from '../../../core/runtime/session.ts'
import { type Converted, convert } from '../../../core/tflite/convert.ts'
import { lowerings } from '../../../core/tflite/ops/index.ts'
import { portableTwin } from '../../../core/tflite/portable.ts'
import { type StandardCase, standardCase, standardCaseNames } from '../../support/standard-cases.ts'
import { encodeFile } from '../../support/tflite-bytes.ts'
import { exceptions } from './exceptions.ts'

/** Types that the kernels compute with; the rest of the standard (half, double, 16- and 64-bit unsigned, strings ...) is no question of operators. */
const computed = new Set(['float32', 'int32', 'int64', 'bool'])

const known = (item: StandardCase): boolean =>
  [...item.inputs.values(), ...item.expected.values()].every(({ ref }) => computed.has(ref.dtype)) &&
  item.model.graph.nodes.every(
    ({ domain, opType }) => lowerings[domain === '' ? opType : `${domain}:${opType}`] !== undefined || follows(opType),
  )

/** Operators that are constants once shapes are fixed. */
const follows = (opType: string): boolean => ['Shape', 'Size', 'Constant', 'ConstantOfShape', 'Range'].includes(opType)

/** `ok`, or what went wrong. */
async function judge(item: StandardCase): Promise<string> {
  try {
    const { converted, unsupported } = convert(item.model, { nhwc: false })
    if (converted === null) return `not converted: ${unsupported.map(({ node, reason }) => `${node.opType}: ${reason}`).join('; ')}`
    return compared(item, converted, await run(item, portableTwin(converted)))
  } catch (error) {
    return `does not run: ${(error as Error).message}`
  }
}

async function run({ inputs }: StandardCase, { file, inputs: borders }: Converted): Promise<Outputs> {
  const session = await openLiteRt(encodeFile(file))
  try {
    const feeds = borders.map(({ name, to }) => {
      const tensor = inputs.get(name) as Tensor
      return [name, { dtype: to, dims: tensor.ref.dims, data: tensorFrom(to, tensor.ref.dims, numbersOf(tensor)).read() }] as const
    })
    return await session.run(Object.fromEntries(feeds))
  } finally {
    session.close()
  }
}

function compared({ expected }: StandardCase, { outputs }: Converted, found: Outputs): string {
  for (const { name } of outputs) {
    const [want, got] = [expected.get(name), found[name]]
    if (want === undefined || got === undefined) return `output '${name}' is missing`
    if (got.dims.join() !== want.ref.dims.join()) return `output '${name}' is [${got.dims}], not [${want.ref.dims}]`
    const far = farthest(numbersOf(want), numbersOf(tensorOf(got.dtype, got.dims, got.data)))
    if (far > 1e-4) return `output '${name}' is ${far} off`
  }
  return 'ok'
}

/** The largest |a - b| / max(1, rms of the finite a). */
function farthest(a: Float64Array, b: Float64Array): number {
  const finite = a.filter(Number.isFinite)
  const rms = Math.sqrt(finite.reduce((sum, value) => sum + value * value, 0) / Math.max(1, finite.length))
  const distance = (x: number, y: number): number => (Object.is(x, y) || x === y ? 0 : Math.abs(x - y))
  const most = a.reduce((far, value, i) => Math.max(far, distance(value, b[i] as number)), 0)
  return Number.isNaN(most) ? Number.POSITIVE_INFINITY : most / Math.max(1, rms)
}

const cases = standardCaseNames().flatMap((name) => {
  const item = standardCase(name)
  return item !== null && known(item) ? [item] : []
})

describe.skipIf(cases.length === 0)('the test cases of the standard, converted and run in LiteRT', () => {
  it('match but for the known exceptions', { timeout: 120_000 }, async () => {
    const failed = new Map<string, string>()
    for (const item of cases) {
      const verdict = await judge(item)
      if (verdict !== 'ok') failed.set(item.name, verdict)
    }
    process.stdout.write(`${cases.length} cases, ${cases.length - failed.size} converted and equal\n`)
    const unexpected = [...failed].filter(([name]) => exceptions[name] === undefined)
    expect(Object.fromEntries(unexpected)).toEqual({})
    expect(Object.keys(exceptions).filter((name) => !failed.has(name))).toEqual([])
    expect(failed.size / cases.length).toBeLessThan(0.05)
  })
})
