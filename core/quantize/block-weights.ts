import { BlockFitter, type BlockGridOptions } from './block-grid.ts'
import { halvesOf } from './half.ts'
import { halfQuadratic, shiftOf } from './half-quadratic.ts'
import type { WeightMatrix } from './weight-matrix.ts'

export interface BlockOptions extends BlockGridOptions {
  /** Weights that share a scale, along the sum. */
  readonly block: number
  /** `rtn` rounds each weight to the nearest code; `hqq` gives each block a zero point that is a real number. */
  readonly method: 'rtn' | 'hqq'
  readonly form: BlockForm
}

/** `nbits`: as MatMulNBits and GatherBlockQuantized store it, [channels, blocks, bytes]; `columns`: as a [depth, channels] tensor of the width. */
export const blockForms = ['nbits', 'columns'] as const
export type BlockForm = (typeof blockForms)[number]

export interface BlockWeights {
  /** Codes, packed from the low bits up. */
  readonly values: Uint8Array
  /** [channels, blocks], or [blocks, channels] in columns. */
  readonly scales: Float32Array
  /** Packed zero points in the order of the scales; `null` when all are the middle code. */
  readonly zeros: Uint8Array | null
  /** What is added to all weights of a block, [blocks, channels]: zero points that are no codes. As float16, or float32 where that is too narrow. */
  readonly shifts: Uint16Array | Float32Array | null
  readonly finite: boolean
}

/** Block-wise codes of all channels before packing: [channels, depth padded to whole blocks], and a scale and zero for each block. */
export interface BlockCodes {
  readonly codes: Uint8Array
  readonly scales: Float32Array
  readonly zeros: Uint8Array
}

/** What codes become when they are stored. */
export type PackedCodes = Omit<BlockWeights, 'finite' | 'shifts'>

/** Channels that are looked at together: one stretch of a cache line of the stored matrix. */
const together = 16

/** Quantizes a weight matrix in blocks along its sums. */
export function blockWeights(matrix: WeightMatrix, options: BlockOptions): BlockWeights {
  const { channels, depth } = matrix
  const fitter = new BlockFitter(options)
  const blocks = Math.ceil(depth / options.block)
  const padded = blocks * options.block
  const codes = new Uint8Array(channels * padded)
  const scales = new Float32Array(channels * blocks)
  const zeros = new Uint8Array(channels * blocks)
  const slab = new Float32Array(together * depth)
  const shifts = hasShifts(options) ? { values: new Float32Array(blocks * channels), half: fitsHalf(matrix.values), channels } : null
  let finite = true
  for (let start = 0; start < channels; start += together) {
    const count = Math.min(together, channels - start)
    if (!gather(matrix, start, count, slab)) finite = false
    for (let row = 0; row < count; row++) {
      quantizeRow(fitter, { weights: slab, from: row * depth, depth, options }, { codes, scales, zeros, shifts, row: start + row, blocks })
    }
  }
  const symmetric = options.symmetric || shifts !== null
  const stored = packed({ codes, scales, zeros }, { channels, depth, options: { ...options, symmetric } })
  return { ...stored, shifts: shifts && (shifts.half ? halvesOf(shifts.values).values : shifts.values), finite }
}

/** Whether blocks get zero points that are no codes: where all are the middle code there is none to move. */
export const hasShifts = ({ method, symmetric, levels }: Pick<BlockOptions, 'method' | 'symmetric' | 'levels'>): boolean =>
  method === 'hqq' && !symmetric && levels === 'uniform'

/** Magnitudes of the largest weight between which float16 holds the shifts of all blocks to less than a thousandth of it. */
const halfRange = [2 ** -10, 60000] as const

function fitsHalf(values: Float32Array): boolean {
  let most = 0
  for (const value of values) most = Math.max(most, Math.abs(value))
  return most >= halfRange[0] && most <= halfRange[1]
}

interface Row {
  readonly weights: Float32Array
  readonly from: number
  readonly depth: number
  readonly options: BlockOptions
}

interface Shifts {
  readonly values: Float32Array
  readonly half: boolean
  readonly channels: number
}

interface Into extends BlockCodes {
  readonly shifts: Shifts | null
  readonly row: number
  readonly blocks: number
}

function quantizeRow(fitter: BlockFitter, { weights, from, depth, options }: Row, into: Into): void {
  for (let b = 0; b < into.blocks; b++) {
    const start = b * options.block
    const count = Math.min(options.block, depth - start)
    let grid = fitter.fit(weights, from + start, count)
    if (into.shifts !== null) {
      grid = halfQuadratic({ weights, from: from + start, count }, grid, { bits: options.bits, half: into.shifts.half })
      into.shifts.values[b * into.shifts.channels + into.row] = shiftOf(grid, options.bits)
    }
    const at = into.row * into.blocks + b
    into.scales[at] = grid.scale
    // Beside a shift codes are read around the middle one.
    const zero = into.shifts === null ? grid.zero : 2 ** (options.bits - 1)
    into.zeros[at] = zero
    const codes = at * options.block
    for (let i = 0; i < count; i++) into.codes[codes + i] = fitter.code(weights[from + start + i]!, grid)
    for (let i = count; i < options.block; i++) into.codes[codes + i] = zero
  }
}

/** Copies channels as rows; false when one of their weights is not finite. */
function gather({ values, channels, depth, layout }: WeightMatrix, start: number, count: number, slab: Float32Array): boolean {
  let total = 0
  for (let k = 0; k < depth; k++) {
    for (let row = 0; row < count; row++) {
      const weight = layout === 'columns' ? values[k * channels + start + row]! : values[(start + row) * depth + k]!
      slab[row * depth + k] = weight
      total += Math.abs(weight)
    }
  }
  return Number.isFinite(total)
}

export interface PackOptions {
  readonly channels: number
  readonly depth: number
  readonly options: Pick<BlockOptions, 'bits' | 'block' | 'form' | 'symmetric'>
}

/** Codes as they are stored. */
export function packed({ codes, scales, zeros }: BlockCodes, { channels, depth, options }: PackOptions): PackedCodes {
  const { bits, block, form, symmetric } = options
  const blocks = Math.ceil(depth / block)
  if (form === 'nbits') return { values: pack(codes, bits), scales, zeros: symmetric ? null : packRows(zeros, blocks, bits) }
  const columns = turned(codes, { rows: channels, stride: blocks * block, columns: depth })
  const turnedScales = new Float32Array(scales.length)
  for (let n = 0; n < channels; n++) for (let b = 0; b < blocks; b++) turnedScales[b * channels + n] = scales[n * blocks + b]!
  const turnedZeros = symmetric ? null : pack(turned(zeros, { rows: channels, stride: blocks, columns: blocks }), bits)
  return { values: pack(columns, bits), scales: turnedScales, zeros: turnedZeros }
}

function pack(codes: Uint8Array, bits: number): Uint8Array {
  if (bits === 8) return codes
  const perByte = 8 / bits
  const bytes = new Uint8Array(Math.ceil(codes.length / perByte))
  for (let i = 0; i < bytes.length; i++) {
    let byte = 0
    for (let j = 0; j < perByte; j++) byte |= (codes[i * perByte + j] ?? 0) << (j * bits)
    bytes[i] = byte
  }
  return bytes
}

/** Each row begins at a whole byte: an odd number of blocks leaves half of the last one empty. */
function packRows(zeros: Uint8Array, perRow: number, bits: number): Uint8Array {
  const bytes = Math.ceil((perRow * bits) / 8)
  const rows = zeros.length / perRow
  const result = new Uint8Array(rows * bytes)
  for (let row = 0; row < rows; row++) result.set(pack(zeros.subarray(row * perRow, (row + 1) * perRow), bits), row * bytes)
  return result
}

function turned(codes: Uint8Array, { rows, stride, columns }: { rows: number; stride: number; columns: number }): Uint8Array {
  const result = new Uint8Array(rows * columns)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = codes[row * stride + column]!
  return result
}
