import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFloat } from '../../core/ir/dtype.ts'
import type { Model } from '../../core/ir/model.ts'
import { numbersOf, tensorFrom } from '../../core/ir/numbers.ts'
import { countOf, type Tensor, tensorOf } from '../../core/ir/tensor.ts'
import type { Dim, Value } from '../../core/ir/value.ts'
import type { TensorData } from '../../core/observe/reducer.ts'
import { writeModel } from '../../core/onnx/write.ts'
import { openSession } from '../../core/runtime/ort.ts'
import type { Feeds, Level, Outputs } from '../../core/runtime/session.ts'
import { evaluateDim, symbolsOf } from '../../core/shapes/dim.ts'
import { hashOf, normals, seeded } from './seeds.ts'

export interface RunOptions {
  readonly level?: Level
  /** Values inside of the graph to fetch too. */
  readonly expose?: readonly string[]
}

/** Runs a model in the real onnxruntime and gives back its outputs by name. */
export async function runModel(model: Model, feeds: Feeds, options: RunOptions = {}): Promise<Outputs> {
  const [outputs] = await runSeveral(model, [feeds], options)
  return outputs as Outputs
}

/** Runs a model on several feeds in one session. */
export async function runSeveral(model: Model, feeds: readonly Feeds[], options: RunOptions = {}): Promise<Outputs[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lathe-test-'))
  try {
    const path = join(folder, 'model.onnx')
    await writeModel(model, path, { verbatim: false })
    const session = await openSession({
      model: path,
      provider: 'cpu',
      threads: 1,
      level: options.level ?? 'disabled',
      ...exposing(options),
    })
    const outputs: Outputs[] = []
    for (const feed of feeds) outputs.push(await session.run(session.prepare(feed), wantedOf(model, options)))
    await session.release()
    return outputs
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Sequences and maps cannot be handed over by the runtime's binding: of a model that gives some out, only the tensors are asked for. */
function wantedOf(model: Model, { expose = [] }: RunOptions): readonly string[] {
  const tensors = model.graph.outputs.filter(({ type }) => type === null || type.kind === 'tensor')
  return tensors.length === model.graph.outputs.length ? [] : [...tensors.map(({ name }) => name), ...expose]
}

const exposing = ({ expose }: RunOptions) => (expose === undefined || expose.length === 0 ? {} : { expose })

/** Sizes given to symbols, in the order in which they come: co-prime, so that no two products are equal by chance. */
const sizes = [2, 3, 5, 7, 11, 13]

/** Sizes for all symbols of a model's inputs; `first` moves where the list of sizes begins. */
export function symbolSizes(model: Model, first = 0): Map<string, number> {
  const symbols = new Map<string, number>()
  for (const input of model.graph.inputs) {
    const shape = input.type?.kind === 'tensor' ? (input.type.shape ?? []) : []
    for (const symbol of shape.flatMap(symbolsOf)) {
      if (!symbols.has(symbol)) symbols.set(symbol, sizes[(symbols.size + first) % sizes.length] as number)
    }
  }
  return symbols
}

/** Feeds with seeded content for all inputs that have no default: floats N(0, 1), whole numbers 0 or 1, or what `make` gives. */
export function feedsFor(
  model: Model,
  options: { seed?: number; sizes?: ReadonlyMap<string, number>; make?: (input: Value, dims: readonly number[]) => Tensor | null } = {},
): Feeds {
  const known = options.sizes ?? symbolSizes(model)
  const feeds: Record<string, TensorData> = {}
  for (const input of model.graph.inputs) {
    if (input.initializer !== null || input.type?.kind !== 'tensor') continue
    const { dtype, shape } = input.type
    const dims = (shape ?? []).map((dim: Dim) => evaluateDim(dim, known) ?? 2)
    const random = seeded(hashOf(`${input.name} ${options.seed ?? 1}`))
    const normal = normals(random)
    const next = isFloat(dtype) ? normal : () => Math.floor(random() * 2)
    const tensor = options.make?.(input, dims) ?? tensorFrom(dtype, dims, Array.from({ length: countOf(dims) }, next))
    feeds[input.name] = { dtype: tensor.ref.dtype, dims: tensor.ref.dims, data: tensor.read() }
  }
  return feeds
}

/** Half floats keep three digits, bfloat16 two: a last digit is worth that much. */
const tolerances: Readonly<Record<string, number>> = { float16: 5e-3, bfloat16: 4e-2 }

/** How far apart two tensors are, in the terms of a pass's fidelity; `null` when they are the same within it, else a sentence. */
export function difference(actual: TensorData | undefined, expected: TensorData, fidelity: 'exact' | 'rounding'): string | null {
  if (actual === undefined) return 'it is missing'
  if (actual.dtype !== expected.dtype) return `it is ${actual.dtype}, not ${expected.dtype}`
  if (actual.dims.join() !== expected.dims.join()) return `it is [${actual.dims}], not [${expected.dims}]`
  if (expected.dtype === 'string') return actual.strings?.join('\n') === expected.strings?.join('\n') ? null : 'its texts differ'
  const [a, b] = [actual, expected].map(({ dtype, dims, data }) => numbersOf(tensorOf(dtype, dims, data))) as [Float64Array, Float64Array]
  return compareNumbers(a, b, fidelity === 'exact' || !isFloat(expected.dtype) ? 0 : (tolerances[expected.dtype] ?? 1e-4))
}

/** |a - b| <= tolerance * max(1, rms of b) + 1e-5 everywhere (equal when the tolerance is 0), and cosine >= 0.999999. */
function compareNumbers(a: Float64Array, b: Float64Array, tolerance: number): string | null {
  let [dot, aa, bb] = [0, 0, 0]
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number]
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      if (Object.is(x, y)) continue
      return `element ${i} is ${x}, not ${y}`
    }
    dot += x * y
    aa += x * x
    bb += y * y
  }
  const allowed = tolerance === 0 ? 0 : tolerance * Math.max(1, Math.sqrt(bb / Math.max(1, b.length))) + 1e-5
  for (let i = 0; i < b.length; i++) {
    const apart = Math.abs((a[i] as number) - (b[i] as number))
    if (apart > allowed) return `element ${i} is ${a[i]}, not ${b[i]} (${apart} apart, ${allowed} allowed)`
  }
  const cosine = dot / Math.sqrt(aa * bb)
  return aa * bb > 0 && cosine < 1 - tolerance / 100 && tolerance > 0 ? `the cosine is ${cosine}` : null
}
