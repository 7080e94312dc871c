export interface Halves {
  readonly values: Uint16Array
  /** Finite values beyond the range of float16, which became the largest finite one. */
  readonly clamped: number
}

const word = new Float32Array(1)
const wordBits = new Uint32Array(word.buffer)

/**
 * float32 to float16, rounded to nearest, ties to even. Finite values beyond 65504 become 65504 with their sign (a weight that turns
 * infinite would make everything after it NaN); infinities and NaN stay what they are.
 */
export function halvesOf(values: Float32Array): Halves {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const halves = new Uint16Array(values.length)
  let clamped = 0
  // In stretches: a function that is called often is compiled for its types, which a loop that is entered once is not.
  for (let start = 0; start < bits.length; start += 4096) clamped += halveStretch(bits, halves, start)
  return { values: halves, clamped }
}

function halveStretch(bits: Uint32Array, halves: Uint16Array, start: number): number {
  const end = Math.min(start + 4096, bits.length)
  let clamped = 0
  for (let i = start; i < end; i++) {
    const from = bits[i]!
    const sign = (from >>> 16) & 0x8000
    const size = from & 0x7fffffff
    if (size >= 0x38800000 && size < 0x477ff000) {
      // A normal half: the exponent's bias changes by 112, and 13 bits of fraction are rounded off.
      halves[i] = sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13)
    } else if (size < 0x38800000) {
      halves[i] = sign | subnormalHalf(size)
    } else if (size >= 0x7f800000) {
      halves[i] = sign | 0x7c00 | (size > 0x7f800000 ? 0x200 : 0)
    } else {
      halves[i] = sign | 0x7bff
      clamped++
    }
  }
  return clamped
}

/** Adding a half aligns the fraction of a tiny value to that of a subnormal half, rounded by the float32 addition. */
function subnormalHalf(size: number): number {
  wordBits[0] = size
  word[0] = word[0]! + 0.5
  return wordBits[0]! - 0x3f000000
}

/** float32 to bfloat16, rounded to nearest, ties to even. */
export function bfloatsOf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const shortened = new Uint16Array(values.length)
  for (let start = 0; start < bits.length; start += 4096) shortenStretch(bits, shortened, start)
  return shortened
}

function shortenStretch(bits: Uint32Array, shortened: Uint16Array, start: number): void {
  const end = Math.min(start + 4096, bits.length)
  for (let i = start; i < end; i++) {
    const from = bits[i]!
    const nan = (from & 0x7fffffff) > 0x7f800000
    shortened[i] = nan ? (from >>> 16) | 0x40 : (from + 0x7fff + ((from >>> 16) & 1)) >>> 16
  }
}
