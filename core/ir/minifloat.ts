import type { DType } from './dtype.ts'

/** How a float of eight bits or fewer is laid out; all but `float8e8m0` have a sign bit on top. */
interface Layout {
  readonly exponentBits: number
  readonly mantissaBits: number
  readonly bias: number
  /** What the largest codes mean: `ieee` infinities and NaNs, `fn` one NaN, `fnuz` a NaN in the place of -0, `finite` numbers. */
  readonly top: 'ieee' | 'fn' | 'fnuz' | 'finite'
}

/** Layouts of ONNX (OCP 8-bit floating point and Microscaling formats). */
const layouts: Partial<Record<DType, Layout>> = {
  float8e4m3fn: { exponentBits: 4, mantissaBits: 3, bias: 7, top: 'fn' },
  float8e4m3fnuz: { exponentBits: 4, mantissaBits: 3, bias: 8, top: 'fnuz' },
  float8e5m2: { exponentBits: 5, mantissaBits: 2, bias: 15, top: 'ieee' },
  float8e5m2fnuz: { exponentBits: 5, mantissaBits: 2, bias: 16, top: 'fnuz' },
  float6e2m3: { exponentBits: 2, mantissaBits: 3, bias: 1, top: 'finite' },
  float6e3m2: { exponentBits: 3, mantissaBits: 2, bias: 3, top: 'finite' },
  float4e2m1: { exponentBits: 2, mantissaBits: 1, bias: 1, top: 'finite' },
}

const tables = new Map<DType, Float64Array>()

/** The numbers that the codes of a small float type stand for, by code; `null` for other types. */
export function minifloatTable(dtype: DType): Float64Array | null {
  const known = tables.get(dtype)
  if (known !== undefined) return known
  const layout = layouts[dtype]
  const table = dtype === 'float8e8m0' ? powers() : layout === undefined ? null : tableOf(layout)
  if (table !== null) tables.set(dtype, table)
  return table
}

/** Powers of two from 2^-127; the last code is no number. */
const powers = (): Float64Array => Float64Array.from({ length: 256 }, (_, code) => (code === 255 ? Number.NaN : 2 ** (code - 127)))

function tableOf(layout: Layout): Float64Array {
  const codes = 2 ** (1 + layout.exponentBits + layout.mantissaBits)
  return Float64Array.from({ length: codes }, (_, code) => (code < codes / 2 ? positive(layout, code) : negative(layout, code - codes / 2)))
}

const negative = (layout: Layout, code: number): number => (layout.top === 'fnuz' && code === 0 ? Number.NaN : -positive(layout, code))

function positive({ exponentBits, mantissaBits, bias, top }: Layout, code: number): number {
  const exponent = code >> mantissaBits
  const mantissa = code & (2 ** mantissaBits - 1)
  const isLargest = exponent === 2 ** exponentBits - 1
  if (top === 'ieee' && isLargest) return mantissa === 0 ? Number.POSITIVE_INFINITY : Number.NaN
  if (top === 'fn' && isLargest && mantissa === 2 ** mantissaBits - 1) return Number.NaN
  const fraction = mantissa / 2 ** mantissaBits
  return exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias)
}
