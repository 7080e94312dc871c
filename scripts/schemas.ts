import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { comparisonSchema, exportedSchema } from '../core/api/answers.ts'
import { benchSchema } from '../core/api/bench.ts'
import { datasetSchema } from '../core/api/dataset.ts'
import { diffSchema } from '../core/api/diff.ts'
import { inspectionSchema } from '../core/api/inspection.ts'
import { lineageSchema } from '../core/api/lineage.ts'
import { passInfoSchema, pipelineSchema } from '../core/api/pipeline.ts'
import { problemSchema } from '../core/api/problem.ts'
import { dataProposalSchema } from '../core/api/proposal.ts'
import { recommendationSchema } from '../core/api/recommendation.ts'
import { reportSchema } from '../core/api/report.ts'

/** Documents that people write are described as they may write them: with what has a default left out. */
const documents = {
  inspection: { schema: inspectionSchema, io: 'output' },
  passes: { schema: z.array(passInfoSchema), io: 'output' },
  report: { schema: reportSchema, io: 'output' },
  lineage: { schema: lineageSchema, io: 'output' },
  bench: { schema: benchSchema, io: 'output' },
  comparison: { schema: comparisonSchema, io: 'output' },
  diff: { schema: diffSchema, io: 'output' },
  recommendation: { schema: recommendationSchema, io: 'output' },
  export: { schema: exportedSchema, io: 'output' },
  data: { schema: dataProposalSchema, io: 'output' },
  failure: { schema: z.object({ problem: problemSchema }), io: 'output' },
  pipeline: { schema: pipelineSchema, io: 'input' },
  dataset: { schema: datasetSchema, io: 'input' },
} as const

/** File name -> text of every JSON schema in docs/schemas. */
export function schemaFiles(): Map<string, string> {
  return new Map(
    Object.entries(documents).map(([name, { schema, io }]) => {
      const described = { title: name, ...z.toJSONSchema(schema, { io, reused: 'ref' }) }
      return [`${name}.schema.json`, `${JSON.stringify(described, null, 2)}\n`]
    }),
  )
}

/** Writes docs/schemas. */
export async function main(): Promise<void> {
  const folder = join('docs', 'schemas')
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of schemaFiles()) writeFileSync(join(folder, name), text)
  process.stdout.write(`wrote ${schemaFiles().size} schemas to ${folder}\n`)
}
