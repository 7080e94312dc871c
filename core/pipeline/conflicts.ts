import type { Plan } from '../api/answers.ts'
import type { Pipeline } from '../api/pipeline.ts'

const integers = new Set(['quantize-dynamic', 'quantize-static', 'quantize-weights'])

/** What a pipeline can do but hardly means, each with its mend: shown on the stage's card. */
export function conflictsOf(pipeline: Pipeline, before: ReadonlyMap<string, string>): Plan['warnings'] {
  const passOf = new Map(pipeline.stages.map(({ id, pass }) => [id, pass]))
  return pipeline.stages.flatMap(({ id, pass, options }) => {
    const earlier = ancestors(id, before).map((stage) => passOf.get(stage))
    const found: { what: string; mend: string }[] = []
    if (pass === 'fuse' && earlier.some((name) => integers.has(name ?? ''))) {
      found.push({
        what: 'Fusing after quantizing finds little: the patterns are split by quantization nodes',
        mend: 'Move it before the quantization.',
      })
    }
    if (pass === 'quantize-weights' && pipeline.target === 'tflite' && Number(options.bits) < 8) {
      found.push({ what: `TFLite has no kernels for ${options.bits}-bit weight blocks`, mend: 'Choose 8 bits, or another target.' })
    }
    if (pass === 'convert-float16' && earlier.includes('convert-float16')) {
      found.push({ what: 'The model is already in float16 here', mend: 'Remove one of the two stages.' })
    }
    return found.map((conflict) => ({ stage: id, ...conflict }))
  })
}

function ancestors(stage: string, before: ReadonlyMap<string, string>): string[] {
  const found: string[] = []
  for (let at = before.get(stage); at !== undefined; at = before.get(at)) found.push(at)
  return found
}
