import { join } from 'node:path'
import { whyUnusable } from '../../api/outcome.ts'
import { sentenceOf } from '../../api/problem.ts'
import type { Candidate, Report } from '../../api/report.ts'
import type { Style } from '../terminal/style.ts'
import { pairs } from '../terminal/table.ts'
import { conditions, figureLines, preparationText } from './figures.ts'
import { layerTable } from './layers.ts'
import { stageTable } from './stages.ts'

/** What `run` prints for people: the stages, each candidate layer by layer, and how the figures were taken. `folder` is where it all lies. */
export function reportText(report: Report, folder: string, style: Style): string {
  const many = report.candidates.length > 1
  const parts = [
    stageTable(report.stages, style),
    ...report.candidates.map((candidate) => candidateText(candidate, many ? `candidate ${candidate.id}` : '', style)),
    report.notes.map((note) => style.faint(note)).join('\n'),
    [preparationText(report.preparation, style), conditions(report.machine, report.protocol, style)].filter(Boolean).join('\n'),
    written(report, folder),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function candidateText(candidate: Candidate, title: string, style: Style): string {
  const {
    problem,
    layers,
    accuracy,
    latencyMs: latency,
    peakMemoryBytes: memory,
    sizeBytes: size,
    storage,
    energyJoules: energy,
  } = candidate
  const warning = whyUnusable(candidate)
  const parts = [
    title === '' ? '' : style.strong(title),
    problem ? style.bad(sentenceOf(problem)) : '',
    layers.length > 0 ? layerTable(layers, style) : '',
    pairs(figureLines({ accuracy, latency, memory, size, storage, energy }, style)),
    // Behind the figures: what stands last is read first in a terminal.
    warning === null ? '' : style.bad(warning),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function written({ candidates }: Report, folder: string): string {
  const models = candidates.flatMap(({ file }) => (file === null ? [] : [join(folder, file)]))
  return pairs([...models.map((file) => ['model', file] as const), ['report', join(folder, 'report.html')]])
}
