import { ProblemError } from '../api/problem.ts'

/** Samples that cannot be used: named at once, or left out and counted when that was asked for. */
export interface BrokenSamples {
  /** Notes a broken sample, or throws when broken samples are not to be skipped. */
  add(sample: string, why: string): void
  /** What a report says about them. */
  notes(): string[]
}

const named = 5

export function brokenSamples(file: string, skip: boolean): BrokenSamples {
  const broken: string[] = []
  return {
    add(sample, why) {
      if (!skip)
        throw new ProblemError({
          kind: 'input',
          code: 'broken-sample',
          what: `Sample ${sample} is broken: ${why}`,
          where: { file },
          mend: 'Mend or remove it, or leave broken samples out with --skip-broken.',
        })
      broken.push(sample)
    },
    notes() {
      if (broken.length === 0) return []
      const more = broken.length > named ? `, and ${broken.length - named} more` : ''
      return [
        `${broken.length} broken sample${broken.length === 1 ? ' was' : 's were'} left out: ${broken.slice(0, named).join(', ')}${more}.`,
      ]
    },
  }
}
