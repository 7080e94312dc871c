import { numbersIn } from './elements.ts'
import type { Gram } from './gram.ts'
import type { Algebra, Reducer, TensorData } from './reducer.ts'

export interface PatchGramOptions {
  /** Extents of the kernel, one a spatial axis; strides, pads (begins, then ends) and dilations as in Conv. */
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly pads: readonly number[]
  readonly dilations: readonly number[]
  readonly groups: number
  /** Patches taken from one batch, and in all, at most. */
  readonly patches: number
  readonly limit: number
}

/** As `Gram`, for each group one after the other: `matrix` is [groups, size, size], `sums` [groups, size]. */
export interface PatchGram extends Gram {
  readonly groups: number
}

interface State {
  readonly options: PatchGramOptions
  size: number
  rows: number
  matrix: Float64Array
  sums: Float64Array
}

/**
 * X^T X of the patches that a convolution multiplies with its weights, from places spread evenly over its output. A row of X is a patch in the
 * order in which weights are stored: input channels of the group, then kernel positions.
 */
export const patchGram: Reducer<PatchGramOptions, State, PatchGram> = {
  id: 'patch-gram',
  start: (options) => ({ options, size: 0, rows: 0, matrix: new Float64Array(0), sums: new Float64Array(0) }),
  add(state, [value]) {
    forGroups(state, value as TensorData, (patches, group) => {
      addProduct(state, patches, plainGram(patches, state.size), group)
    })
    return state
  },
  async addWith(state, [value], algebra) {
    const work: Promise<void>[] = []
    forGroups(state, value as TensorData, (patches, group) => {
      // Handing over costs more than small products.
      if (state.size < smallest) addProduct(state, patches, plainGram(patches, state.size), group)
      else work.push(productBy(algebra, state, { patches, group }))
    })
    await Promise.all(work)
    return state
  },
  finish: ({ options: { groups }, size, rows, matrix, sums }) => ({ groups, size, rows, matrix, sums }),
}

const smallest = 32

async function productBy(algebra: Algebra, state: State, { patches, group }: { patches: Float32Array; group: number }): Promise<void> {
  addProduct(state, patches, await algebra.gram(patches, state.size), group)
}

function addProduct({ size, matrix, sums }: State, patches: Float32Array, product: ArrayLike<number>, group: number): void {
  const at = group * size * size
  for (let i = 0; i < product.length; i++) matrix[at + i] = (matrix[at + i] as number) + (product[i] as number)
  for (let i = 0; i < patches.length; i++) {
    const column = group * size + (i % size)
    sums[column] = (sums[column] as number) + (patches[i] as number)
  }
}

function plainGram(patches: Float32Array, size: number): Float64Array {
  const product = new Float64Array(size * size)
  for (let row = 0; row < patches.length; row += size) {
    for (let i = 0; i < size; i++) {
      const a = patches[row + i] as number
      if (a === 0) continue
      for (let j = 0; j < size; j++) product[i * size + j] = (product[i * size + j] as number) + a * (patches[row + j] as number)
    }
  }
  return product
}

/** Hands on the patches of a batch, group by group, as long as more are wanted. */
function forGroups(state: State, tensor: TensorData, take: (patches: Float32Array, group: number) => void): void {
  const { options } = state
  const [samples = 1, channels = 1, ...extents] = tensor.dims
  const inputs = channels / options.groups
  const positions = product(options.kernel)
  if (state.size === 0) {
    const size = inputs * positions
    Object.assign(state, {
      size,
      matrix: new Float64Array(options.groups * size * size),
      sums: new Float64Array(options.groups * size),
    })
  }
  const outputs = extents.map((extent, axis) => outputExtent(options, extent, axis))
  const places = samples * product(outputs)
  const count = Math.min(places, options.patches, options.limit - state.rows)
  if (count <= 0) return
  const numbers = numbersIn(tensor)
  const offsets = Array.from({ length: count }, (_, i) => {
    // Evenly, and off the rows' period by a golden step.
    const place = Math.floor(((i + ((i * golden) % 1)) * places) / count) % places
    return placeOf(options, { place, outputs, extents, channels })
  })
  for (let group = 0; group < options.groups; group++) {
    const patches = new Float32Array(count * state.size)
    offsets.forEach(({ base, taps }, row) => {
      for (let input = 0; input < inputs; input++) {
        const from = base + (group * inputs + input) * product(extents)
        const to = row * state.size + input * positions
        for (let tap = 0; tap < positions; tap++) {
          const offset = taps[tap] as number
          if (offset >= 0) patches[to + tap] = numbers[from + offset] as number
        }
      }
    })
    take(patches, group)
  }
  state.rows += count
}

const golden = (Math.sqrt(5) - 1) / 2

const product = (extents: readonly number[]): number => extents.reduce((total, extent) => total * extent, 1)

function outputExtent({ kernel, strides, pads, dilations }: PatchGramOptions, extent: number, axis: number): number {
  const reach = ((kernel[axis] as number) - 1) * (dilations[axis] ?? 1) + 1
  const padded = extent + (pads[axis] ?? 0) + (pads[axis + kernel.length] ?? 0)
  return Math.floor((padded - reach) / (strides[axis] ?? 1)) + 1
}

interface Place {
  readonly place: number
  readonly outputs: readonly number[]
  readonly extents: readonly number[]
  readonly channels: number
}

/** Where the sample of an output place begins, and the offsets of the kernel's positions within one channel; -1 in the padding. */
function placeOf(options: PatchGramOptions, { place, outputs, extents, channels }: Place): { base: number; taps: Int32Array } {
  const { kernel, strides, pads, dilations } = options
  const perSample = product(outputs)
  const base = Math.floor(place / perSample) * channels * product(extents)
  const at = coordinates(place % perSample, outputs)
  const taps = new Int32Array(product(kernel))
  for (let tap = 0; tap < taps.length; tap++) {
    const steps = coordinates(tap, kernel)
    let offset = 0
    for (let axis = 0; axis < kernel.length; axis++) {
      const extent = extents[axis] as number
      const x = (at[axis] as number) * (strides[axis] ?? 1) - (pads[axis] ?? 0) + (steps[axis] as number) * (dilations[axis] ?? 1)
      offset = offset < 0 || x < 0 || x >= extent ? -1 : offset * extent + x
    }
    taps[tap] = offset
  }
  return { base, taps }
}

function coordinates(index: number, extents: readonly number[]): number[] {
  const found = new Array<number>(extents.length)
  let rest = index
  for (let axis = extents.length - 1; axis >= 0; axis--) {
    const extent = extents[axis] as number
    found[axis] = rest % extent
    rest = Math.floor(rest / extent)
  }
  return found
}
