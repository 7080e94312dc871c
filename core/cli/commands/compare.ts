import type { Comparison } from '../../api/answers.ts'
import { whyUnusable } from '../../api/outcome.ts'
import { type Command, modelOf, runtimeChoice, shared } from '../command.ts'
import { conditions, figureLines, preparationText } from '../show/figures.ts'
import { layerTable } from '../show/layers.ts'
import { reportProgress } from '../show/steps.ts'
import type { Style } from '../terminal/style.ts'
import { pairs } from '../terminal/table.ts'

export const compare: Command = {
  grammar: {
    name: 'compare',
    summary: 'Measures any two models layer by layer: how far they differ, and what each layer costs',
    positionals: ['BASELINE', 'CANDIDATE'],
    options: [
      shared.data,
      shared.skipBroken,
      shared.threads,
      shared.provider,
      shared.rounds,
      { name: 'seed', value: 'N', summary: 'seed of generated inputs and of the order of the models' },
      shared.allow,
    ],
  },
  async run(given, session) {
    const [baseline, candidate] = given.positionals as [string, string]
    const rounds = given.integer('runs')
    const seed = given.integer('seed', 0)
    const request = {
      baseline: await modelOf(baseline, given, session),
      candidate: await modelOf(candidate, given, session),
      data: given.text('data') ?? null,
      skipBroken: given.flag('skip-broken'),
      ...runtimeChoice(given),
      ...(rounds === undefined ? {} : { rounds }),
      ...(seed === undefined ? {} : { seed }),
    }
    const engine = await session.engine()
    const document = await engine.compare(request, { signal: session.signal, onProgress: reportProgress(session.progress) })
    return { document, text: () => comparisonText(document, session.style) }
  },
}

function comparisonText(comparison: Comparison, style: Style): string {
  const { layers, accuracy, latency, memory, size, storage, energyJoules: energy, preparation, notes, machine, protocol } = comparison
  const warning = whyUnusable(comparison)
  const parts = [
    layers.length > 0 ? layerTable(layers, style) : '',
    pairs(figureLines({ accuracy, latency, memory, size, storage, energy }, style)),
    warning === null ? '' : style.bad(warning),
    notes.map((note) => style.faint(note)).join('\n'),
    [preparationText(preparation, style), conditions(machine, protocol, style)].filter(Boolean).join('\n'),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}
