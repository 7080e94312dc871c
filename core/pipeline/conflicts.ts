import { isDeepStrictEqual } from 'node:util'
import type { Plan } from '../api/answers.ts'
import type { Pipeline, Stage } from '../api/pipeline.ts'
import type { Pass } from '../pass.ts'

type Conflict = Omit<Plan['warnings'][number], 'stage'>

interface Placed {
  readonly stage: Stage
  readonly pass: Pass
}

/** What a pipeline can do but hardly means, each with its mend: shown on the stage's card. */
export function conflictsOf(pipeline: Pipeline, before: ReadonlyMap<string, string>, passes: readonly Pass[]): Plan['warnings'] {
  const placed = new Map(pipeline.stages.map((stage) => [stage.id, { stage, pass: passes.find(({ id }) => id === stage.pass)! }]))
  return [...placed.values()].flatMap((at) => {
    const earlier = ancestors(at.stage.id, before).map((id) => placed.get(id)!)
    const found = [afterPrecision(at, earlier), twice(at, earlier), narrowForTflite(at, pipeline)]
    return found.filter((conflict) => conflict !== null).map((conflict) => ({ stage: at.stage.id, ...conflict }))
  })
}

function afterPrecision({ stage, pass }: Placed, earlier: readonly Placed[]): Conflict | null {
  // The first of them: before the last alone it would still stand behind the others.
  const precise = earlier.findLast((other) => other.pass.family === 'precision')
  if (pass.family !== 'fuse' || precise === undefined) return null
  return {
    what: `It finds little after '${precise.pass.title}', whose nodes stand between the parts of a pattern`,
    mend: `Move it before stage '${precise.stage.id}'.`,
    mends: [{ do: 'move', title: `Move before ${precise.stage.id}`, stage: stage.id, before: precise.stage.id }],
  }
}

function twice({ stage, pass }: Placed, earlier: readonly Placed[]): Conflict | null {
  const same = earlier.find((other) => other.pass.id === pass.id && isDeepStrictEqual(other.stage.options, stage.options))
  if (pass.family !== 'precision' || same === undefined) return null
  return {
    what: `Stage '${same.stage.id}' has already done this`,
    mend: 'Remove one of the two.',
    mends: [stage.id, same.stage.id].map((id) => ({ do: 'remove', title: `Remove ${id}`, stage: id })),
  }
}

function narrowForTflite({ stage }: Placed, pipeline: Pipeline): Conflict | null {
  const bits = Number(stage.options.bits)
  if (pipeline.target !== 'tflite' || !(bits < 8)) return null
  return {
    what: `TFLite has no kernels for blocks of ${bits}-bit weights`,
    mend: 'Choose 8 bits, or another target.',
    mends: [
      { do: 'set', title: 'Choose 8 bits', stage: stage.id, option: 'bits', value: 8 },
      { do: 'target', title: 'Target ONNX Runtime', target: 'ort' },
    ],
  }
}

function ancestors(stage: string, before: ReadonlyMap<string, string>): string[] {
  const found: string[] = []
  for (let at = before.get(stage); at !== undefined && at !== 'source'; at = before.get(at)) found.push(at)
  return found
}
