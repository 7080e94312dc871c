import type { Exported } from '../../api/answers.ts'
import { isDistance, metricName, metricText } from '../../api/metric.ts'
import { suggestion } from '../../api/nearest.ts'
import { quantity } from '../../api/quantity.ts'
import { type ExportRequest, exportFormats, tfliteWeights } from '../../api/requests.ts'
import type { Arguments } from '../arguments.ts'
import { type Command, modelOf, shared } from '../command.ts'
import { reportProgress } from '../show/steps.ts'
import type { Style } from '../terminal/style.ts'
import { pairs, table } from '../terminal/table.ts'
import { bytes, milliseconds, small } from '../terminal/units.ts'
import { usageError } from '../usage.ts'

export const exportModel: Command = {
  grammar: {
    name: 'export',
    summary: 'Writes a model in another form, and compares both when they run',
    positionals: ['MODEL'],
    options: [
      { name: 'format', value: 'FORMAT', summary: exportFormats.join(' or ') },
      { name: 'out', value: 'FILE', summary: 'the file to write' },
      { name: 'verify', value: 'MANIFEST', summary: 'dataset.json whose samples both versions run on' },
      { name: 'nhwc-inputs', summary: 'image inputs of a TFLite file in NHWC' },
      { name: 'size', value: 'SYMBOL=N', many: true, summary: 'an open size of the inputs that TFLite wants fixed; may be repeated' },
      { name: 'dynamic-batch', summary: 'leave the batch of a TFLite file open; 1 otherwise' },
      { name: 'weights', value: 'TYPE', summary: `weights of a TFLite file: ${tfliteWeights.join(', ')} (8 and 4 bits: dynamic range)` },
      { name: 'int8-borders', summary: 'inputs and outputs of a TFLite file that computes in 8 bits are 8-bit' },
      { name: 'force', summary: 'write in spite of a failed verification' },
      { name: 'opset', value: 'N', summary: 'operator set of an .onnx file, not below its own' },
      { name: 'external-data', summary: 'put the weights of an .onnx file into a file beside it' },
      shared.allow,
    ],
  },
  async run(given, session) {
    const format = formatOf(given)
    refuseOthers(given, format)
    const engine = await session.engine()
    const request: ExportRequest = {
      model: await modelOf(given.positionals[0]!, given, session),
      format,
      out: given.required('out'),
      verify: given.text('verify') ?? null,
      nhwcInputs: given.flag('nhwc-inputs'),
      dynamicBatch: given.flag('dynamic-batch'),
      weights: weightsOf(given),
      int8Borders: given.flag('int8-borders'),
      force: given.flag('force'),
      externalData: given.flag('external-data'),
      opset: opsetOf(given),
      sizes: sizesOf(given.texts('size')),
    }
    const document = await engine.export(request, { signal: session.signal, onProgress: reportProgress(session.progress) })
    return { document, text: () => exportedText(document, session.style), failed: document.files.length === 0 }
  },
}

/** Options that say something of one format alone. */
const belonging: Readonly<Record<ExportRequest['format'], readonly string[]>> = {
  onnx: ['opset', 'external-data'],
  tflite: ['nhwc-inputs', 'size', 'dynamic-batch', 'weights', 'int8-borders'],
}

/** What would have no effect is refused, not passed over. */
function refuseOthers(given: Arguments, format: ExportRequest['format']): void {
  for (const other of exportFormats) {
    const stray = other === format ? undefined : belonging[other].find((name) => given.texts(name).length > 0)
    if (stray !== undefined)
      throw usageError('other-format', `--${stray} says nothing of an .${format} file`, `Leave it out, or write --format ${other}.`)
    if (other !== format && given.required('out').toLowerCase().endsWith(`.${other}`))
      throw usageError(
        'other-format',
        `--out names an .${other} file, --format says ${format}`,
        `Name it .${format}, or write --format ${other}.`,
      )
  }
}

function sizesOf(typed: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    typed.map((each) => {
      const [, symbol, size] = /^(.+)=([1-9]\d*)$/.exec(each) ?? []
      if (symbol === undefined) throw usageError('bad-size', `"${each}" is no size`, 'Write it as --size sequence=128.')
      return [symbol, Number(size)]
    }),
  )
}

function opsetOf(given: Arguments): number | undefined {
  const typed = given.text('opset')
  if (typed === undefined) return undefined
  if (!/^[1-9]\d*$/.test(typed)) throw usageError('bad-opset', `"${typed}" is no operator set`, 'Write it as --opset 21.')
  return Number(typed)
}

function formatOf(given: Arguments): ExportRequest['format'] {
  const typed = given.required('format')
  const format = exportFormats.find((candidate) => candidate === typed)
  if (format) return format
  throw usageError('unknown-format', `There is no format "${typed}"`, suggestion(typed, exportFormats))
}

function weightsOf(given: Arguments): ExportRequest['weights'] {
  const typed = given.text('weights')
  const weights = tfliteWeights.find((candidate) => candidate === typed)
  if (weights !== undefined || typed === undefined) return weights
  throw usageError('unknown-weights', `There are no "${typed}" weights`, suggestion(typed, tfliteWeights))
}

function exportedText({ files, bytes: size, ops, verification, unsupported, notes }: Exported, style: Style): string {
  const missing = unsupported.map(({ node, op, reason }) => [op, node, reason])
  const hindrances =
    missing.length > 0 ? table([{ title: 'not supported' }, { title: 'at', most: 44, cut: 'head' }, { title: 'why' }], missing) : ''
  if (files.length === 0) return [hindrances, ...notes, style.bad('nothing was written')].filter((part) => part !== '').join('\n\n')
  const operators = Object.entries(ops).sort(([, a], [, b]) => b - a)
  const facts = pairs([
    ['written', files.join(', ')],
    ['size', bytes(size)],
    ['operators', operators.map(([op, times]) => `${op} ${times}`).join(', ')],
    ['check', verificationText(verification, style)],
    ...rowOf('task', accuracyText(verification)),
    ...rowOf('latency', latencyText(verification)),
  ])
  const parts = [facts, hindrances, notes.map((note) => style.faint(note)).join('\n')]
  return parts.filter((part) => part !== '').join('\n\n')
}

const rowOf = (name: string, text: string | null): [string, string][] => (text === null ? [] : [[name, text]])

function verificationText(verification: Exported['verification'], style: Style): string {
  if ('unavailable' in verification) return style.faint(`– ${verification.unavailable}`)
  const { maxAbs, cosine, agreement, samples, inputs, passed, why, rounding } = verification
  const verdict = passed ? style.good(rounding === null ? 'same' : 'same but for rounding') : style.bad(`differs: ${why}`)
  const figures = `max abs ${small(maxAbs)}, cosine ${cosine.toFixed(6)}, agreement ${(agreement * 100).toFixed(1)} %${
    rounding === null ? '' : `; ONNX Runtime in another order is ${small(rounding)} from itself`
  }`
  return `${verdict}  ${figures}  ${style.faint(`(${quantity(samples, 'sample')}, ${inputs})`)}`
}

function accuracyText(verification: Exported['verification']): string | null {
  if ('unavailable' in verification || 'unavailable' in verification.accuracy) return null
  const { metric, baseline, candidate, samples, judgedOn } = verification.accuracy
  const taken = `${quantity(samples, 'sample')}, ${judgedOn}`
  if (isDistance(metric)) return `${metricName(metric)} ${metricText(metric, candidate, 4)} against the opened model (${taken})`
  return `${metricName(metric)} ${candidate.toFixed(4)} (the opened model: ${baseline.toFixed(4)}; ${taken})`
}

function latencyText(verification: Exported['verification']): string | null {
  if ('unavailable' in verification || 'unavailable' in verification.latencyMs) return null
  const { latencyMs, ranBy } = verification
  return `${milliseconds(latencyMs.median)} ms (${ranBy}, ${latencyMs.runs} runs: no phone's figure)`
}
