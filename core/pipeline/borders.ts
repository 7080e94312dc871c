import { bitsOf, type DType } from '../ir/dtype.ts'
import { numbersOf, tensorFrom } from '../ir/numbers.ts'
import { countOf, tensorOf } from '../ir/tensor.ts'
import type { TensorData } from '../observe/reducer.ts'
import type { BorderMap, IoMap } from '../pass.ts'
import type { Feeds, InputSource, Outputs } from '../runtime/session.ts'

/** How the source's samples feed and read a version, over all passes on the way: maps are applied in order. */
export interface Borders {
  /** Input of the version -> input of the source, and the maps from there. */
  readonly inputs: ReadonlyMap<string, Border>
  /** Output of the version -> output of the source, and the maps from there. */
  readonly outputs: ReadonlyMap<string, Border>
}

interface Border {
  readonly from: string
  readonly maps: readonly BorderMap[]
}

export const sourceBorders: Borders = { inputs: new Map(), outputs: new Map() }

/** The borders after one more pass. */
export function composed(borders: Borders, io: IoMap): Borders {
  return { inputs: join(borders.inputs, io.inputs), outputs: join(borders.outputs, io.outputs) }
}

function join(before: ReadonlyMap<string, Border>, step: IoMap['inputs']): Map<string, Border> {
  const after = new Map(before)
  for (const [name, { from, map }] of step) {
    const old = before.get(from) ?? { from, maps: [] }
    if (from !== name) after.delete(from)
    after.set(name, { from: old.from, maps: map.kind === 'identity' ? old.maps : [...old.maps, map] })
  }
  return after
}

/** The source's feeds as the version wants them. */
export function feedsFor(feeds: Feeds, borders: Borders): Feeds {
  const mapped: Record<string, TensorData> = { ...feeds }
  for (const [name, { from, maps }] of borders.inputs) {
    const feed = feeds[from]
    if (feed !== undefined) mapped[name] = maps.reduce(apply, feed)
  }
  return mapped
}

/** The version's outputs under the source's names, with the maps undone. */
export function outputsOf(outputs: Outputs, borders: Borders): Outputs {
  const mapped: Record<string, TensorData> = {}
  for (const [name, output] of Object.entries(outputs)) {
    const border = borders.outputs.get(name)
    mapped[border?.from ?? name] = border === undefined ? output : border.maps.reduceRight(undo, output)
  }
  return mapped
}

/** What the runtime's own programs can do to columns on the way in: another column, another type, another order of axes. */
export function inputSources(borders: Borders): Readonly<Record<string, InputSource>> {
  const sources: Record<string, InputSource> = {}
  for (const [name, { from, maps }] of borders.inputs) {
    const cast = maps.findLast((map) => map.kind === 'cast')
    const permute = maps.findLast((map) => map.kind === 'permute')
    sources[name] = {
      column: from,
      ...(cast === undefined ? {} : { cast: cast.to }),
      ...(permute === undefined ? {} : { permute: permute.perm }),
    }
  }
  return sources
}

function apply(tensor: TensorData, map: BorderMap): TensorData {
  if (map.kind === 'cast') return castTo(tensor, map.to)
  return map.kind === 'permute' ? permuted(tensor, map.perm) : tensor
}

function undo(tensor: TensorData, map: BorderMap): TensorData {
  if (map.kind === 'cast') return castTo(tensor, map.from)
  return map.kind === 'permute' ? permuted(tensor, inverse(map.perm)) : tensor
}

function castTo(tensor: TensorData, dtype: DType): TensorData {
  if (tensor.dtype === dtype) return tensor
  const cast = tensorFrom(dtype, tensor.dims, numbersOf(tensorOf(tensor.dtype, tensor.dims, tensor.data)))
  return { dtype, dims: tensor.dims, data: cast.read() }
}

function inverse(perm: readonly number[]): number[] {
  const result: number[] = []
  perm.forEach((from, to) => {
    result[from] = to
  })
  return result
}

/** Transposes as ONNX's Transpose does: output axis i is input axis perm[i]. */
function permuted({ dtype, dims, data }: TensorData, perm: readonly number[]): TensorData {
  const size = bitsOf(dtype) / 8
  const strides = dims.map((_, axis) => countOf(dims.slice(axis + 1)))
  const to = perm.map((axis) => dims[axis] ?? 1)
  const steps = perm.map((axis) => strides[axis] ?? 1)
  const result = new Uint8Array(data.byteLength)
  const index = to.map(() => 0)
  for (let at = 0; at < countOf(to); at++) {
    let from = 0
    for (let axis = 0; axis < to.length; axis++) from += index[axis]! * steps[axis]!
    result.set(data.subarray(from * size, (from + 1) * size), at * size)
    for (let axis = to.length - 1; axis >= 0; axis--) {
      index[axis]! += 1
      if (index[axis]! < to[axis]!) break
      index[axis] = 0
    }
  }
  return { dtype, dims: to, data: result }
}
