import type { StageReport, Verification } from '../../api/report.ts'
import type { Style } from '../terminal/style.ts'
import { table } from '../terminal/table.ts'
import { bytes, count, duration, small } from '../terminal/units.ts'
import { sensitivityTable } from './sensitivity.ts'

/** What each stage did, one line each, and the notes of the passes below. */
export function stageTable(stages: readonly StageReport[], style: Style): string {
  const rows = stages.map((stage) => [
    stage.id,
    stage.pass,
    stage.changed ? fromTo(stage.nodes, count) : style.faint('unchanged'),
    stage.changed ? fromTo(stage.bytes, bytes) : '',
    stage.cached ? style.faint('remembered') : duration(stage.ms),
    verificationText(stage.verification, style),
  ])
  const titles = ['stage', 'pass', 'nodes', 'size', 'time', 'check']
  const text = table(
    titles.map((title) => ({ title, align: title === 'time' ? ('right' as const) : ('left' as const) })),
    rows,
  )
  const notes = stages.flatMap(({ id, notes }) => notes.map((note) => style.faint(`${id}: ${note}`)))
  const found = stages.map(({ sensitivity }) => (sensitivity === undefined ? '' : sensitivityTable(sensitivity, style)))
  return [text, notes.join('\n'), ...found].filter((part) => part !== '').join('\n\n')
}

/** One line for a stage that has just ended. */
export function stageLine(stage: StageReport, style: Style): string {
  const mark = stage.verification.verdict === 'rejected' ? style.bad('✗') : style.good('✓')
  const nodes = stage.changed ? `${fromTo(stage.nodes, count)} nodes, ${fromTo(stage.bytes, bytes)}` : 'unchanged'
  const time = stage.cached ? 'remembered' : duration(stage.ms)
  return `${mark} ${stage.id} (${stage.pass}): ${nodes}, ${time}, ${verificationText(stage.verification, style)}`
}

function fromTo({ before, after }: { before: number; after: number }, show: (value: number) => string): string {
  return before === after ? show(after) : `${show(before)} → ${show(after)}`
}

function verificationText({ verdict, maxAbs, cosine, firstDiverging, reason }: Verification, style: Style): string {
  if (verdict === 'skipped') return style.faint(reason ? `not checked: ${reason}` : 'not checked')
  if (verdict === 'rejected') {
    const where = firstDiverging === undefined ? '' : ` at '${firstDiverging}'`
    return style.bad(`rejected${where}${reason ? `: ${reason}` : ''}`)
  }
  const figures = maxAbs === null ? '' : `, max abs ${small(maxAbs)}${cosine === null ? '' : `, cosine ${cosine.toFixed(6)}`}`
  const but = reason ? style.bad(`, but ${reason}`) : ''
  return `${verdict === 'passed' ? style.good('same') : 'differs as meant'}${figures}${but}`
}
