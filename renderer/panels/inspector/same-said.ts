import type { Inspection } from '../../../core/api/inspection.ts'

type NearMiss = Inspection['nearMisses'][number]

/** Near-misses of one rule for one reason, said once with how often; the names of nodes that differ in the reason do not make another one. */
export function sameSaid(all: readonly NearMiss[]): { readonly said: NearMiss; readonly times: number }[] {
  const found = new Map<string, { said: NearMiss; times: number }>()
  for (const one of all) {
    const key = `${one.rule} ${one.reason.replaceAll(/'[^']*'/g, '')}`
    const known = found.get(key)
    if (known) known.times++
    else found.set(key, { said: one, times: 1 })
  }
  return [...found.values()]
}
