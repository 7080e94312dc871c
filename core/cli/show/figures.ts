import type {
  Accuracy,
  BytesPair,
  JoulesPair,
  LatencyPair,
  Machine,
  Preparation,
  Protocol,
  StoragePair,
  Unavailable,
} from '../../api/measurement.ts'
import { isDistance, metricName, metricText } from '../../api/metric.ts'
import { quantity } from '../../api/quantity.ts'
import { type Style, verdictText } from '../terminal/style.ts'
import { bytes, change, joules, milliseconds } from '../terminal/units.ts'

/** Lines `name, figures` about two versions of a model, for `pairs`. */
export interface Figures {
  readonly accuracy: Accuracy | Unavailable
  readonly latency: LatencyPair
  readonly memory: BytesPair
  readonly size: { readonly baseline: number; readonly candidate: number }
  readonly storage: StoragePair
  readonly energy: JoulesPair
}

export function figureLines({ accuracy, latency, memory, size, storage, energy }: Figures, style: Style): (readonly [string, string])[] {
  return [
    ['unavailable' in accuracy ? 'accuracy' : metricName(accuracy.metric), accuracyText(accuracy, style)],
    ['latency', latencyText(latency, style)],
    ...tailLines(latency),
    ['peak memory', bytesText(memory, style)],
    ['size', bytesText(size, style)],
    ...storageLines(storage, style),
    ['energy', joulesText(energy, style)],
  ]
}

function accuracyText(accuracy: Accuracy | Unavailable, style: Style): string {
  if ('unavailable' in accuracy) return missing(accuracy, style)
  const { metric, baseline, candidate, low, high, samples, verdict, judgedOn } = accuracy
  if (isDistance(metric))
    return `${metricText(metric, candidate, 4)} against the source  ${style.faint(`(${quantity(samples, 'sample')}, ${judgedOn})`)}`
  const interval = `difference ${signed(low)} to ${signed(high)}`
  return `${baseline.toFixed(4)} → ${candidate.toFixed(4)}  ${verdictText(verdict, style)}  ${style.faint(`(${interval}; ${quantity(samples, 'sample')}, ${judgedOn})`)}`
}

function latencyText(latency: LatencyPair, style: Style): string {
  if ('unavailable' in latency) return missing(latency, style)
  const { baseline, candidate, ratio, low, high, verdict, because } = latency
  const figures = `${milliseconds(baseline.median)} → ${milliseconds(candidate.median)} ms`
  return `${figures}  ${verdictText(verdict, style)}  ${style.faint(`(${ratio.toFixed(2)}x, 95 % between ${low.toFixed(2)} and ${high.toFixed(2)}${because === undefined ? '' : `; ${because}`})`)}`
}

/** The tail, and what comes before the first steady run. */
function tailLines(latency: LatencyPair): (readonly [string, string])[] {
  if ('unavailable' in latency) return []
  const { baseline, candidate } = latency
  const pair = (from: number, to: number) => `${milliseconds(from)} → ${milliseconds(to)} ms`
  const tail = `${pair(baseline.p95, candidate.p95)}, ${pair(baseline.p99, candidate.p99)}`
  if (baseline.loadMs === undefined || candidate.loadMs === undefined) return [['p95, p99', tail]]
  const first = pair(baseline.firstRunMs ?? Number.NaN, candidate.firstRunMs ?? Number.NaN)
  return [
    ['p95, p99', tail],
    ['loading', `${pair(baseline.loadMs, candidate.loadMs)}, then the first run ${first}`],
  ]
}

function bytesText(pair: BytesPair, style: Style): string {
  if ('unavailable' in pair) return missing(pair, style)
  return `${bytes(pair.baseline)} → ${bytes(pair.candidate)}  ${style.faint(change(pair.baseline, pair.candidate))}`
}

function storageLines({ baseline, candidate }: StoragePair, style: Style): (readonly [string, string])[] {
  const [before, after] = [typesText(baseline), typesText(candidate)]
  return [
    ['stored as', before === after ? after : `${before} → ${after}`],
    ['gzipped', gzipText(baseline.gzip, candidate.gzip, style)],
  ]
}

/** `float32 1.20 MB, int8 300 kB, graph 12 kB`, the largest first. */
function typesText({ byType, graph }: StoragePair['baseline']): string {
  const parts = [...Object.entries(byType).sort(([, a], [, b]) => b - a), ['graph', graph] as const]
  return parts.map(([type, size]) => `${type} ${bytes(size)}`).join(', ')
}

function gzipText(baseline: StoragePair['baseline']['gzip'], candidate: StoragePair['baseline']['gzip'], style: Style): string {
  if ('unavailable' in baseline) return missing(baseline, style)
  if ('unavailable' in candidate) return missing(candidate, style)
  const estimated = baseline.estimated || candidate.estimated ? '  (estimated from parts)' : ''
  return `${bytesText({ baseline: baseline.bytes, candidate: candidate.bytes }, style)}${style.faint(estimated)}`
}

function joulesText(pair: JoulesPair, style: Style): string {
  if ('unavailable' in pair) return missing(pair, style)
  return `${joules(pair.baseline)} → ${joules(pair.candidate)} a run  ${style.faint(`${change(pair.baseline, pair.candidate)}, of the processor packages`)}`
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
  return `${quantity(rounds, 'round')} after ${warmup} to warm up, ${order}; batch ${batch}, ${quantity(threads, 'thread')}, ${provider}, optimization level ${level}; ${inputs}`
}

/** What preparing samples took, apart from all latencies. */
export function preparationText(preparation: Preparation | null, style: Style): string {
  if (preparation === null || preparation.ms === 0) return ''
  const { ms, samples } = preparation
  return style.faint(
    `${quantity(samples, 'sample')} prepared in ${milliseconds(ms)} ms, ${milliseconds(ms / samples)} ms each, which is in no latency`,
  )
}
