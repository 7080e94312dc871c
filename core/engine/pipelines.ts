import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Plan } from '../api/answers.ts'
import { suggestion } from '../api/nearest.ts'
import type { PassInfo } from '../api/pipeline.ts'
import { ProblemError } from '../api/problem.ts'
import type { PlanRequest } from '../api/requests.ts'
import type { Pass } from '../pass.ts'
import { planOf } from '../pipeline/plan.ts'
import { presetsWith } from '../pipeline/presets/index.ts'

/** The passes as pickers and forms need them: options as JSON schema. */
export function passInfos(passes: readonly Pass[]): PassInfo[] {
  return passes.map(({ id, title, summary, family, fidelity, options }) => {
    const { $schema: _, ...schema } = z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' })
    return { id, title, summary, family, fidelity, options: schema }
  })
}

/**
 * The plan of a pipeline given as a document, the name of a preset, or the path of a pipeline file.
 * @throws ProblemError `usage` for a name that is neither preset nor file
 */
export function planFor({ pipeline, set, target }: PlanRequest, passes: readonly Pass[]): Plan {
  const checks = { passes, ...(set === undefined ? {} : { settings: set }), ...(target === undefined ? {} : { target }) }
  if (typeof pipeline !== 'string') return planOf({ document: pipeline, ...checks })
  const preset = presetsWith(passes).find(({ id }) => id === pipeline)
  if (preset !== undefined) return planOf({ document: preset.pipeline, ...checks })
  return planOf({ document: readDocument(pipeline, passes), file: pipeline, ...checks })
}

function readDocument(path: string, passes: readonly Pass[]): unknown {
  if (!existsSync(path)) {
    throw new ProblemError({
      kind: 'usage',
      code: 'unknown-pipeline',
      what: `'${path}' is neither a preset nor a pipeline file`,
      where: {},
      mend: suggestion(
        path,
        presetsWith(passes).map(({ id }) => id),
      ),
    })
  }
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ProblemError({
      kind: 'input',
      code: 'bad-json',
      what: `The pipeline file cannot be read: ${(error as Error).message}`,
      where: { file: path },
      mend: 'Write it as JSON, as `docs/schemas/pipeline.schema.json` describes.',
    })
  }
}
