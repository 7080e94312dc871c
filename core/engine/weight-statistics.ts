import type { NodeDetail } from '../api/graph-view.ts'
import { numbersOf } from '../ir/numbers.ts'
import { countOf, type Tensor } from '../ir/tensor.ts'

type Statistics = Omit<NodeDetail['weights'][number], 'name' | 'type'>

const bins = 48

/** Spread of a weight's elements; `null` for what holds no numbers, or too few to speak of a spread. */
export function weightStatistics(tensor: Tensor): Statistics | null {
  const { dtype, dims } = tensor.ref
  if (dtype === 'string' || dtype === 'bool' || /^(float8|float4|complex)/.test(dtype) || countOf(dims) < 16) return null
  const values = numbersOf(tensor).filter(Number.isFinite)
  if (values.length === 0) return null
  let [min, max, sum, squares, zeros] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0]
  for (const value of values) {
    if (value < min) min = value
    if (value > max) max = value
    if (value === 0) zeros += 1
    sum += value
  }
  const mean = sum / values.length
  for (const value of values) squares += (value - mean) ** 2
  return {
    min,
    max,
    mean,
    std: Math.sqrt(squares / values.length),
    sparsity: zeros / values.length,
    histogram: histogramOf(values, min, max),
  }
}

function histogramOf(values: Float64Array, min: number, max: number): number[] {
  const histogram = Array.from({ length: bins }, () => 0)
  const scale = max > min ? bins / (max - min) : 0
  for (const value of values) histogram[Math.min(bins - 1, Math.floor((value - min) * scale))]! += 1
  return histogram
}
