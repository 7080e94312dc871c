import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Plan } from '../api/answers.ts'
import { ProblemError } from '../api/problem.ts'
import type { Report } from '../api/report.ts'
import { lineageDocument } from '../diff/lineage-document.ts'
import type { Model } from '../ir/model.ts'
import { writeModel } from '../onnx/write.ts'
import { reportPage } from '../report/html/page.ts'
import { reportMarkdown } from '../report/markdown.ts'
import { partName } from '../store/scratch.ts'
import { hashFile } from './content-hash.ts'
import { outputFolder } from './output-folder.ts'

export interface CandidateOutput {
  readonly folder: string
  readonly lathe: string
  readonly baseline: Model
  readonly baselineHash: Promise<string>
  readonly steps: readonly { readonly stage: string; readonly model: Model }[]
  readonly externalData: boolean
  readonly signal: AbortSignal
  readonly progress: (done: number, of: number) => void
}

export interface WrittenCandidate {
  readonly file: string
  readonly bytes: number
}

/** Writes `model.onnx` (with `model.onnx.data` where wanted or needed) and `lineage.json` into a folder. */
export async function writeCandidate(output: CandidateOutput): Promise<WrittenCandidate> {
  const { folder, baseline, steps, signal, progress } = output
  const model = steps.at(-1)?.model ?? baseline
  refuseInternal(model)
  await outputFolder(folder, { what: 'The output folder cannot be made', file: folder })
  const file = join(folder, 'model.onnx')
  const { bytes } = await writeModel(model, file, { externalData: output.externalData ? 'always' : 'auto', signal, onProgress: progress })
  const hashes = { baseline: await output.baselineHash, candidate: `sha256:${await hashFile(file)}` }
  await writeWhole(join(folder, 'lineage.json'), JSON.stringify(lineageDocument({ lathe: output.lathe, baseline, hashes, steps })))
  return { file, bytes }
}

/** Writes `report.json`, `report.html`, `report.md` and `pipeline.json`. */
export async function writeReport(folder: string, report: Report, plan: Plan): Promise<void> {
  await outputFolder(folder, { what: 'The output folder cannot be made', file: folder })
  await writeWhole(join(folder, 'pipeline.json'), `${JSON.stringify(plan.pipeline, null, 2)}\n`)
  await writeWhole(join(folder, 'report.html'), reportPage(report))
  await writeWhole(join(folder, 'report.md'), reportMarkdown(report))
  await writeWhole(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
}

/** Writes the report, as a page and as JSON, and the pipeline beside a file, under its name. Gives their paths. */
export async function writeBeside(file: string, report: Report, plan: Plan): Promise<string[]> {
  const stem = file.replace(/\.[^./\\]+$/, '')
  const texts: readonly (readonly [string, string])[] = [
    [`${stem}.report.html`, reportPage(report)],
    [`${stem}.report.json`, `${JSON.stringify(report, null, 2)}\n`],
    [`${stem}.pipeline.json`, `${JSON.stringify(plan.pipeline, null, 2)}\n`],
  ]
  for (const [path, text] of texts) await writeWhole(path, text)
  return texts.map(([path]) => path)
}

/** A version that leaves the engine has none of our own operators in it. */
export function refuseInternal(model: Model): void {
  const inner = model.graph.nodes.find(({ domain }) => domain === 'lathe')
  if (inner === undefined) return
  throw new ProblemError({
    kind: 'internal',
    code: 'unlowered-operator',
    what: `The operator ${inner.opType} of Lathe's own was not lowered to one that runtimes know`,
    where: { node: inner.name },
    mend: 'This is a bug; please report it with the model.',
  })
}

/** The file appears complete or not at all. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const part = join(dirname(path), `.${partName()}.part`)
  try {
    await writeFile(part, text)
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw new ProblemError({
      kind: 'file',
      code: 'not-written',
      what: 'The file cannot be written',
      where: { file: path },
      mend: 'Make room, or choose another place.',
      details: (error as Error).message,
    })
  }
}
