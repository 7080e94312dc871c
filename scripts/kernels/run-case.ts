import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProblemError } from '../../core/api/problem.ts'
import { type DType, isFloat, onnxCode } from '../../core/ir/dtype.ts'
import type { Model } from '../../core/ir/model.ts'
import { tensorFrom } from '../../core/ir/numbers.ts'
import { countOf } from '../../core/ir/tensor.ts'
import type { Node } from '../../core/ir/value.ts'
import type { TensorData } from '../../core/observe/reducer.ts'
import { openModel } from '../../core/onnx/read.ts'
import { writeModel } from '../../core/onnx/write.ts'
import type { Feeds, Level, Runtime } from '../../core/runtime/session.ts'
import { modelOf } from '../../test/support/graph.ts'
import { normals, seeded } from '../../test/support/seeds.ts'
import type { KernelCase } from './case.ts'

/** What the runtime made of a case at a level: the kernels that ran, or how it refused. */
export type Outcome = { readonly ran: readonly string[] } | { readonly step: 'load' | 'run'; readonly reason: string }

const border = 'border'
const timeout = 60_000

export async function runCase(runtime: Runtime, { text }: KernelCase, level: Level): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'lathe-kernels-'))
  try {
    const model = modelOf(withPassableBorders(text))
    const path = join(folder, 'model.onnx')
    await writeModel(model, path)
    const session = { model: path, provider: 'cpu', threads: 1, level }
    await runtime.execute({ session, feeds: feedsOf(model), wanted: [] }, { timeout })
    // What just ran, as the runtime writes it down: with the casts that it inserted, functions inlined, and fusions done.
    const executed = join(folder, 'executed.onnx')
    await runtime.optimize({ session, out: executed }, { timeout })
    const kernels = openModel(executed).graph.nodes.filter((node) => !isBorder(node))
    return { ran: [...new Set(kernels.map(({ opType }) => opType))] }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return { step: error.problem.code === 'model-refused' ? 'load' : 'run', reason: reasonOf(error.problem.details ?? error.problem.what) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const passable: ReadonlySet<DType> = new Set([
  ...(['float32', 'float64', 'float16', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'bool'] as const),
])

/** Types that the binding for Node cannot pass go in and out as float32, with a Cast at the border. */
export function withPassableBorders(text: string): string {
  const [opsets = '', header = '', ...body] = text.split('\n')
  const before: string[] = []
  const inputs = header.replaceAll(/(\w+): (\w+)(\[[^\]]*\])/g, (whole, name: string, type: DType, dims: string) => {
    if (passable.has(type)) return whole
    before.push(`${name} = Cast(${border}_${name}) {to: ${onnxCode(type)}}`)
    return `${border}_${name}: float32${dims}`
  })
  if (before.length === 0) return text
  const after: string[] = []
  const whole = inputs.replace(/-> \((.*)\)$/, (_, outputs: string) => {
    const names = outputs.split(', ')
    for (const name of names) after.push(`${border}_${name} = Cast(${name}) {to: 1}`)
    return `-> (${names.map((name) => `${border}_${name}`).join(', ')})`
  })
  return [opsets, whole, ...before, ...body, ...after].join('\n')
}

/** The Casts at the border, also where an optimization moved one over an Identity. */
const isBorder = ({ inputs, outputs }: Node): boolean => [...inputs, ...outputs].some((value) => value?.name.startsWith(border))

/** Small numbers that suit every operator: normal floats, integers from 1 to 3 (divisors must not be 0). */
function feedsOf(model: Model): Feeds {
  const random = seeded('kernels')
  const normal = normals(random)
  const feeds: Record<string, TensorData> = {}
  for (const { name, type } of model.graph.inputs) {
    if (type?.kind !== 'tensor') continue
    const dims = (type.shape ?? []).map(Number)
    const numbers = Array.from({ length: countOf(dims) }, () =>
      isFloat(type.dtype) ? normal() : type.dtype === 'bool' ? Math.round(random()) : 1 + Math.floor(random() * 3),
    )
    feeds[name] = { dtype: type.dtype, dims, data: tensorFrom(type.dtype, dims, numbers).read() }
  }
  return feeds
}

/** The runtime's own words, without paths and positions in its sources; a missing kernel, which is the usual reason, in two words. */
function reasonOf(message: string): string {
  if (/Could not find an implementation|Failed to find kernel/.test(message)) return 'no kernel'
  if (/Type Error: Type '.*' of input parameter/.test(message)) return 'type not allowed'
  const bare = message
    .replace(/^Load model from \S+ failed:/, '')
    .replace(/^This is an invalid model\. /, '')
    .replace(/^Non-zero status code returned while running \S+ node\. Name:'[^']*' Status Message: /, '')
    .replaceAll(/\/\S+\.(?:cc|h):\d+ /g, '')
    .replaceAll(/\S+ onnxruntime::\S+\([^)]*\)(?: const)?(?: \[with [^\]]*\])? /g, '')
  return (bare.split('\n')[0] as string).slice(0, 120).trim()
}
