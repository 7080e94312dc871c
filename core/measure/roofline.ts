import { Model } from '../ir/model.ts'
import { tensorFrom } from '../ir/numbers.ts'
import { writeSkeleton } from '../onnx/skeleton.ts'
import type { Feeds } from '../runtime/session.ts'
import type { Store } from '../store/store.ts'
import type { Cost } from './cost.ts'
import { median } from './statistics.ts'
import type { Bench } from './version.ts'

/** What the machine reaches in the runtime with so many threads: the two ceilings of a roofline (Williams, Waterman, Patterson 2009). */
export interface Roofline {
  /** GFLOP/s of a large float32 matrix product. */
  readonly gflops: number
  /** GB/s of an elementwise sum of arrays far larger than the caches: two read, one written. */
  readonly gbs: number
  readonly threads: number
}

const side = 768
const elements = 12 * 2 ** 20

/** Measures both ceilings, once for a machine, runtime and number of threads. */
export async function roofline(store: Store, bench: Bench, machine: string): Promise<Roofline> {
  const { runtime, threads, provider } = bench
  const { version } = await runtime.info()
  const key = { kind: 'roofline', version: 1, machine, runtime: version, threads, provider }
  return (await store.memo(key, () => measure(store, bench))).value
}

async function measure(store: Store, bench: Bench): Promise<Roofline> {
  const { path: folder, remove } = await store.scratch('roofline')
  try {
    const square = tensorFrom('float32', [side, side], new Float32Array(side * side).fill(0.5))
    const product = new Model()
    const x = product.graph.addInput('x', { kind: 'tensor', dtype: 'float32', shape: [side, side] })
    const node = product.graph.addNode({ opType: 'MatMul', inputs: [x, product.graph.addInitializer('w', square)], outputs: ['y'] })
    product.graph.addOutput(node.outputs[0] as NonNullable<(typeof node.outputs)[0]>)
    const sum = new Model()
    const [a, b] = ['a', 'b'].map((name) => sum.graph.addInput(name, { kind: 'tensor', dtype: 'float32', shape: [elements] }))
    const added = sum.graph.addNode({ opType: 'Add', inputs: [a ?? null, b ?? null], outputs: ['c'] })
    sum.graph.addOutput(added.outputs[0] as NonNullable<(typeof added.outputs)[0]>)
    const large = { dtype: 'float32' as const, dims: [elements], data: new Uint8Array(4 * elements) }
    const productMs = await fastest(
      (await writeSkeleton(product, folder, { name: 'product.onnx' })).path,
      { x: { dtype: 'float32', dims: [side, side], data: square.read() } },
      bench,
    )
    const sumMs = await fastest((await writeSkeleton(sum, folder, { name: 'sum.onnx' })).path, { a: large, b: large }, bench)
    return { gflops: (2 * side ** 3) / productMs / 1e6, gbs: (3 * 4 * elements) / sumMs / 1e6, threads: bench.threads }
  } finally {
    await remove()
  }
}

/** A ceiling is what the machine reaches undisturbed: the fastest tenth of the kernel's runs. */
async function fastest(model: string, feeds: Feeds, { runtime, provider, threads, control }: Bench): Promise<number> {
  const session = { model, provider, threads, level: 'all' as const }
  const { kernels } = await runtime.profile({ session, feeds, runs: 30, warmup: 3 }, control)
  const runs = [...(kernels[0]?.runs ?? [])].sort((a, b) => a - b)
  return median(runs.slice(0, Math.max(1, Math.floor(runs.length / 10)))) / 1000
}

/** What a layer reaches against the ceilings, and what follows for how to make it faster. */
export interface Standing {
  readonly gflops: number
  readonly gbs: number
  readonly bound: 'compute' | 'memory' | 'overhead'
  readonly advice: string
}

/** Below this share of both ceilings neither arithmetic nor memory is what a layer waits for. */
const overheadShare = 0.1
/** Weights that take this share of the bytes are what memory is busy with. */
const weightShare = 0.5

/** @param lowered whether its kernels compute in 8 bits already */
export function standingOf(cost: Cost, ms: number, ceiling: Roofline, lowered = false): Standing {
  const bytes = cost.weightBytes + cost.activationBytes
  const [gflops, gbs] = [cost.flops / ms / 1e6, bytes / ms / 1e6]
  const [compute, memory] = [gflops / ceiling.gflops, gbs / ceiling.gbs]
  if (Math.max(compute, memory) < overheadShare)
    return {
      gflops,
      gbs,
      bound: 'overhead',
      advice: 'far below what the machine reaches: fusing it with its neighbours will help, smaller numbers will not',
    }
  if (compute >= memory) {
    const advice = lowered
      ? 'compute-bound in 8 bits already: less to compute will help (a smaller network, pruning, more threads)'
      : 'compute-bound: INT8 kernels will help, smaller weights alone will not'
    return { gflops, gbs, bound: 'compute', advice }
  }
  const weights = cost.weightBytes / bytes > weightShare
  const advice = weights
    ? 'memory-bound by its weights: INT4 or INT8 weights will help, INT8 kernels by themselves will not'
    : 'memory-bound by its activations: fusing it with its neighbours will help, smaller weights will not'
  return { gflops, gbs, bound: 'memory', advice }
}
