/** An affine grid of whole numbers: real = scale * (whole - zeroPoint). */
export interface Grid {
  readonly scale: number
  readonly zeroPoint: number
}

export interface Range {
  readonly low: number
  readonly high: number
}

export const activationTypes = ['uint8', 'int8', 'uint16', 'int16'] as const
export type ActivationType = (typeof activationTypes)[number]

export const is16Bit = (type: ActivationType): boolean => type === 'uint16' || type === 'int16'

const limits: Readonly<Record<ActivationType, Range>> = {
  uint8: { low: 0, high: 255 },
  int8: { low: -128, high: 127 },
  uint16: { low: 0, high: 65535 },
  int16: { low: -32768, high: 32767 },
}

/** Whole numbers that a type holds. */
export const wholeRange = (dtype: ActivationType): Range => limits[dtype]

/**
 * The grid that covers a range of real numbers. It always holds 0 exactly (padding and Relu rely on it); `symmetric` centres it there.
 * A range without extent gets scale 1.
 */
export function gridOf({ low, high }: Range, dtype: ActivationType, symmetric: boolean): Grid {
  const whole = limits[dtype]
  const from = Math.min(low, 0)
  const to = Math.max(high, 0)
  if (symmetric) {
    const half = Math.floor((whole.high - whole.low) / 2)
    const scale = Math.fround(Math.max(-from, to) / half)
    return { scale: scale > 0 ? scale : 1, zeroPoint: whole.low < 0 ? 0 : half + 1 }
  }
  const scale = Math.fround((to - from) / (whole.high - whole.low))
  if (!(scale > 0)) return { scale: 1, zeroPoint: 0 }
  return { scale, zeroPoint: clamp(Math.round(whole.low - from / scale), whole) }
}

const clamp = (value: number, { low, high }: Range): number => Math.max(low, Math.min(high, value))
