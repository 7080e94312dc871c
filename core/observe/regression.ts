import { numbersIn } from './elements.ts'
import type { Reducer, TensorData } from './reducer.ts'

export interface Regression {
  readonly samples: number
  /** Mean squared error over all elements. */
  readonly mse: number
  /** Mean squared error of each sample. */
  readonly errors: Float64Array
}

/** Predicted numbers against given ones: `values` are an output and its labels, the first axis of both that of the samples. */
export const regression: Reducer<unknown, number[], Regression> = {
  id: 'regression',
  start: () => [],
  add(errors, [output, labels]) {
    const [predicted, given] = [numbersIn(output as TensorData), numbersIn(labels as TensorData)]
    if (predicted.length !== given.length) throw new RangeError(`${predicted.length} numbers cannot be judged by ${given.length} labels`)
    const samples = (labels as TensorData).dims[0] ?? 1
    const inner = samples === 0 ? 0 : given.length / samples
    for (let sample = 0; sample < samples; sample++) {
      let sum = 0
      for (let i = sample * inner; i < (sample + 1) * inner; i++) sum += ((predicted[i] as number) - (given[i] as number)) ** 2
      errors.push(sum / inner)
    }
    return errors
  },
  finish(errors) {
    const sum = errors.reduce((total, error) => total + error, 0)
    return { samples: errors.length, mse: errors.length === 0 ? 0 : sum / errors.length, errors: Float64Array.from(errors) }
  },
}
