import { type Blob, countOf, type Tensor, tensorAt } from '../../core/ir/tensor.ts'

/** Weights that exist only while somebody reads them: element `i` of a tensor is a function of seed, name and `i`. */
export class RandomWeights {
  readonly #seed: number

  constructor(seed: number) {
    this.#seed = seed
  }

  /**
   * A float32 tensor of numbers around `mean` with standard deviation `std`: sums of two uniform numbers, bell-shaped enough for
   * quantization to meet what it meets in trained weights.
   */
  tensor(name: string, dims: readonly number[], { mean, std }: { readonly mean: number; readonly std: number }): Tensor {
    const length = countOf(dims) * 4
    const key = hashOf(name) ^ this.#seed
    // The sum of two uniform numbers in [0, 1) has variance 1/6.
    const scale = (std * Math.sqrt(6)) / 65536
    const offset = mean - std * Math.sqrt(6)
    const blob: Blob = { id: `random:${this.#seed}:${name}`, size: length, read: (from, to) => generate({ key, scale, offset }, from, to) }
    return tensorAt(blob, { offset: 0, length, dtype: 'float32', dims })
  }
}

function generate({ key, scale, offset }: { key: number; scale: number; offset: number }, from: number, to: number): Uint8Array {
  const first = Math.floor(from / 4)
  const values = new Float32Array(Math.ceil(to / 4) - first)
  for (let i = 0; i < values.length; i += 1) {
    const bits = mix(first + i, key)
    values[i] = ((bits & 0xffff) + (bits >>> 16)) * scale + offset
  }
  return new Uint8Array(values.buffer, from - first * 4, to - from)
}

/** The finalizer of MurmurHash3 over a counter: every bit of the position reaches every bit of the result. */
function mix(position: number, key: number): number {
  let bits = Math.imul(position, 0x9e3779b1) ^ key
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}
