import type { Graph } from '../ir/graph.ts'
import type { Value } from '../ir/value.ts'

/**
 * The runtime's optimizers make names from the names they find. What they put around a name is taken off again here, to find the node or
 * value it came from. Seen in onnxruntime 1.30.
 */
const prefixes = /^(?:InsertedPrecisionFreeCast_|InsertedCast_|FusedBack_|Fused_)/
const suffixes = [
  // Made unique.
  /_token_\d+$/,
  // Layout transformations: blocked channels, and outputs of transposes that were pushed through.
  /_nchwc$/,
  /_nhwc$/,
  /_out\d+$/,
  // Fusions sign with their name: `/self/MatMul/MatMulScaleFusion/`, `MatMul_156/MatMulAddFusion`.
  /\/\w*Fusion\/?$/,
  // A normalization that became a depthwise convolution.
  /_bn$/,
  /_new_reshape$/,
  /_quant$/,
]

/** A name and what remains of it as affix after affix is taken off, longest first. */
export function stemsOf(name: string): string[] {
  const stems = [name]
  for (let rest = name; ; ) {
    const next = stripped(rest)
    if (next === rest || next === '') return stems
    stems.push(next)
    rest = next
  }
}

/** In single precision what the version has in half: the runtime computes halves so where it has no kernel for them. */
const widened = /^InsertedPrecisionFreeCast_/

/** Whether a value of the executed graph is in single precision what the version has in half. */
export const isWidened = (name: string): boolean => widened.test(name)

/** The value of a version that a value of the executed graph is by its name; `null` when it has a name of the runtime's own making. */
export function valueNamed(name: string, graph: Graph): Value | null {
  return name === '' ? null : (graph.find(name) ?? graph.find(name.replace(widened, '')))
}

function stripped(name: string): string {
  const suffix = suffixes.find((each) => each.test(name))
  return suffix === undefined ? name.replace(prefixes, '') : name.replace(suffix, '')
}
