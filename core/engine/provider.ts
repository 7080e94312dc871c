import type { Machine } from '../api/measurement.ts'
import { suggestion } from '../api/nearest.ts'
import { ProblemError } from '../api/problem.ts'

/** The provider asked for, `cpu` unless given. Throws a problem of wrong usage when this machine's runtime has no such provider. */
export function providerOn(machine: Machine, asked: string | undefined): string {
  const { providers } = machine.runtime
  if (asked === undefined || providers.length === 0 || providers.includes(asked)) return asked ?? 'cpu'
  throw new ProblemError({
    kind: 'usage',
    code: 'unknown-provider',
    what: `The runtime of this machine has no execution provider '${asked}'`,
    where: { path: '--provider' },
    mend: suggestion(asked, providers),
  })
}
