import { expect, test } from 'vitest'
import { agreement } from './check-tflite.ts'
import { modelOf } from './graph.ts'

/** Rounding of a few sums, over the scale of the output. */
const nearly = 2e-5

/**
 * Converts one-line graphs and compares LiteRT with onnxruntime. `x` is float32[1, 8, 6, 6], once as it comes in and once behind a convolution,
 * where it lies channels last: an operator must follow either order of axes.
 * @param cases calls such as `Softmax(x) {axis: 1}`, with lines for what else they read before them, and the dims of the result
 */
export function checkInBothOrders(cases: readonly (readonly [call: string, dims: string, before?: string])[]): void {
  for (const [call, dims, before = ''] of cases) {
    const lines = (source: string) => `opset 18
(${source}: float32[1, 8, 6, 6]) -> (y: float32[${dims}])
${before}`
    test(`${call}, channels first`, async () => {
      expect((await agreement(modelOf(`${lines('x')}\ny = ${call}`))).relative).toBeLessThan(nearly)
    })
    test(`${call}, channels last`, async () => {
      const text = `${lines('image')}\nkernel = float32[8, 8, 1, 1]\nx = Conv(image, kernel)\ny = ${call}`
      expect((await agreement(modelOf(text))).relative).toBeLessThan(nearly)
    })
  }
}

/** Converts whole graphs and compares LiteRT with onnxruntime. */
export function checkLowerings(graphs: Readonly<Record<string, string>>): void {
  for (const [title, text] of Object.entries(graphs))
    test(title, async () => {
      expect((await agreement(modelOf(text.startsWith('opset') ? text : `opset 18\n${text}`))).relative).toBeLessThan(nearly)
    })
}
