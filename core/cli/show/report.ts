import { sentenceOf } from '../../api/problem.ts'
import type { Candidate, Report } from '../../api/report.ts'
import type { Style } from '../terminal/style.ts'
import { pairs } from '../terminal/table.ts'
import { conditions, figureLines } from './figures.ts'
import { layerTable } from './layers.ts'
import { stageTable } from './stages.ts'

/** What `run` prints for people: the stages, each candidate layer by layer, and how the figures were taken. */
export function reportText(report: Report, style: Style): string {
  const parts = [
    stageTable(report.stages, style),
    ...report.candidates.map((candidate) => candidateText(candidate, report, style)),
    report.notes.map((note) => style.faint(note)).join('\n'),
    conditions(report.machine, report.protocol, style),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function candidateText(candidate: Candidate, report: Report, style: Style): string {
  const { problem, layers, file } = candidate
  const title = report.candidates.length > 1 ? style.strong(`candidate ${candidate.id}`) : ''
  const figures = pairs([
    ...figureLines(
      { accuracy: candidate.accuracy, latency: candidate.latencyMs, memory: candidate.peakMemoryBytes, size: candidate.sizeBytes },
      style,
    ),
    ...(file === null ? [] : [['written', file] as const]),
  ])
  const parts = [title, problem ? style.bad(sentenceOf(problem)) : '', layers.length > 0 ? layerTable(layers, style) : '', figures]
  return parts.filter((part) => part !== '').join('\n\n')
}
