import type { Accuracy, BytesPair, LatencyPair, Machine, Protocol, Unavailable } from '../../api/measurement.ts'
import { type Style, verdictText } from '../terminal/style.ts'
import { bytes, change, milliseconds } from '../terminal/units.ts'

/** Lines `name, figures` about two versions of a model, for `pairs`. */
export interface Figures {
  readonly accuracy: Accuracy | Unavailable
  readonly latency: LatencyPair
  readonly memory: BytesPair
  readonly size: { readonly baseline: number; readonly candidate: number }
}

export function figureLines({ accuracy, latency, memory, size }: Figures, style: Style): (readonly [string, string])[] {
  return [
    ['unavailable' in accuracy ? 'accuracy' : accuracy.metric, accuracyText(accuracy, style)],
    ['latency', latencyText(latency, style)],
    ['peak memory', bytesText(memory, style)],
    ['size', bytesText(size, style)],
  ]
}

function accuracyText(accuracy: Accuracy | Unavailable, style: Style): string {
  if ('unavailable' in accuracy) return missing(accuracy, style)
  const { baseline, candidate, low, high, samples, verdict, judgedOn } = accuracy
  const interval = `difference ${signed(low)} to ${signed(high)}`
  return `${baseline.toFixed(4)} → ${candidate.toFixed(4)}  ${verdictText(verdict, style)}  ${style.faint(`(${interval}; ${samples} samples, ${judgedOn})`)}`
}

function latencyText(latency: LatencyPair, style: Style): string {
  if ('unavailable' in latency) return missing(latency, style)
  const { baseline, candidate, ratio, low, high, verdict } = latency
  const figures = `${milliseconds(baseline.median)} → ${milliseconds(candidate.median)} ms`
  return `${figures}  ${verdictText(verdict, style)}  ${style.faint(`(${ratio.toFixed(2)}x, 95 % between ${low.toFixed(2)} and ${high.toFixed(2)})`)}`
}

function bytesText(pair: BytesPair, style: Style): string {
  if ('unavailable' in pair) return missing(pair, style)
  return `${bytes(pair.baseline)} → ${bytes(pair.candidate)}  ${style.faint(change(pair.baseline, pair.candidate))}`
}

function missing({ unavailable }: Unavailable, style: Style): string {
  return style.faint(`– ${unavailable}`)
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`
}

/** The machine and the protocol in two lines: no figure travels without them. */
export function conditions(machine: Machine, protocol: Protocol | null, style: Style): string {
  const features = machine.features.length > 0 ? machine.features.join(' ') : 'no vector extensions known'
  const runtime = `${machine.runtime.name} ${machine.runtime.version}`
  const lines = [`${machine.cpu}, ${machine.cores} cores, ${features}; ${runtime}; load ${machine.load.toFixed(1)}`]
  if (protocol) lines.push(protocolText(protocol))
  return style.faint(lines.join('\n'))
}

function protocolText({ rounds, warmup, threads, provider, level, batch, order, inputs }: Protocol): string {
  return `${rounds} rounds after ${warmup} to warm up, ${order}; batch ${batch}, ${threads} threads, ${provider}, optimization level ${level}; ${inputs}`
}
