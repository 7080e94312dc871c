import type { Target } from '../api/pipeline.ts'
import type { Model } from '../ir/model.ts'
import { allNodes } from '../ir/walk.ts'
import { isLegal } from './is-legal.ts'

/** Targets that a pipeline's models are not run on: what runs them is elsewhere, or takes another file. */
const elsewhere: Readonly<Partial<Record<Target, string>>> = { tensorrt: 'TensorRT', tflite: 'LiteRT' }

/** How many reasons a note tells. */
const most = 3

/** What a report says about the operators of a model and a target's rules; nothing where onnxruntime runs the model and they are kept. */
export function targetNotes(model: Model, target: Target): readonly string[] {
  const reasons = new Set<string>()
  let outside = 0
  for (const node of allNodes(model.graph)) {
    const legal = isLegal(node, target)
    if (legal === true) continue
    outside++
    reasons.add(legal)
  }
  const runtime = elsewhere[target]
  const notRun = runtime === undefined ? '' : ` Not run with ${runtime}.`
  if (outside > 0) {
    const told = [...reasons].slice(0, most).join('; ')
    const rest = reasons.size > most ? `; and ${reasons.size - most} more` : ''
    return [
      `${outside} ${outside === 1 ? 'node is' : 'nodes are'} outside of the operator rules of the target ${target}: ${told}${rest}.${notRun}`,
    ]
  }
  return runtime === undefined ? [] : [`All nodes keep to the operator rules of the target ${target}.${notRun}`]
}
