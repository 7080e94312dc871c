import { z } from 'zod'
import { verdictSchema } from '../../core/api/measurement.ts'
import type { Candidate, Report } from '../../core/api/report.ts'

const partSchema = z.object({ name: z.string(), ms: z.number(), bytes: z.number() })
const versionSchema = z.object({ ms: z.number(), bytes: z.number(), quality: z.number().nullable(), parts: z.array(partSchema) })
const pastRunSchema = z.object({
  path: z.string(),
  model: z.string(),
  candidate: z.string(),
  /** ISO 8601. */
  date: z.string(),
  cpu: z.string(),
  metric: z.string(),
  verdict: verdictSchema,
  baseline: versionSchema,
  after: versionSchema,
})
/** What the welcome shows of a finished run: figures of this machine, layer by layer. */
export type PastRun = z.infer<typeof pastRunSchema>
export type Part = z.infer<typeof partSchema>

const key = 'lathe.past-runs'
const most = 12

/** Newest first. What an older version wrote and does not fit any more is left out. */
export function pastRuns(storage: Pick<Storage, 'getItem'> = localStorage): PastRun[] {
  const text = storage.getItem(key)
  if (text === null) return []
  const found = z.array(z.unknown()).safeParse(parsed(text))
  return (found.data ?? []).flatMap((one) => pastRunSchema.safeParse(one).data ?? [])
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Somebody else's text under our key: as good as nothing.
    return null
  }
}

export function keepRun(report: Report, candidate: Candidate, storage: Pick<Storage, 'getItem' | 'setItem'> = localStorage): void {
  const run = pastRunOf(report, candidate)
  if (!run) return
  const others = pastRuns(storage).filter(({ path }) => path !== run.path)
  storage.setItem(key, JSON.stringify([run, ...others].slice(0, most)))
}

/** `null` when latency was not taken: then there is nothing to draw. */
export function pastRunOf(report: Report, candidate: Candidate): PastRun | null {
  const { latencyMs, accuracy, sizeBytes, layers } = candidate
  if (!('ratio' in latencyMs)) return null
  const rows = layers.filter(({ kind }) => kind === 'layer')
  const parts = (side: 'baseline' | 'candidate'): Part[] =>
    rows.flatMap(({ names, latencyMs: times, sizeBytes: sizes }) => {
      const ms = times[side]
      return typeof ms === 'number' ? [{ name: names[0] ?? '', ms, bytes: sizes[side] }] : []
    })
  const quality = (side: 'baseline' | 'candidate') => ('metric' in accuracy ? accuracy[side] : null)
  return {
    path: report.baseline.path,
    model: report.baseline.path.split(/[/\\]/).at(-1)!,
    candidate: candidate.id,
    date: report.date,
    cpu: report.machine.cpu,
    metric: 'metric' in accuracy ? accuracy.metric : '',
    verdict: latencyMs.verdict,
    baseline: { ms: latencyMs.baseline.median, bytes: sizeBytes.baseline, quality: quality('baseline'), parts: parts('baseline') },
    after: { ms: latencyMs.candidate.median, bytes: sizeBytes.candidate, quality: quality('candidate'), parts: parts('candidate') },
  }
}
