import type { Diff } from '../api/diff.ts'
import type { GraphChanges } from '../api/report.ts'
import { diffByLineage } from '../diff/diff.ts'
import type { Step } from '../diff/history.ts'
import type { Model } from '../ir/model.ts'
import { referencesOf } from '../ir/reference.ts'

/** Alike changes that are told one by one. */
const mostGroups = 60

/** What became of the graph, alike changes put together: the operators before and after, why, how often, and where for example. */
export function graphChanges(source: Model, steps: readonly Step[]): GraphChanges {
  const { summary, pairs } = diffByLineage(source, steps)
  const [before, after] = [operatorsOf(source), operatorsOf(steps.at(-1)?.model ?? source)]
  const groups = new Map<string, GraphChanges['groups'][number]>()
  for (const pair of pairs) {
    if (pair.kind === 'same') continue
    const operators = { before: named(pair.a, before), after: named(pair.b, after) }
    const rules = rulesOf(pair)
    const key = JSON.stringify([pair.kind, operators, rules])
    const known = groups.get(key)
    groups.set(key, {
      kind: pair.kind,
      ...operators,
      why: rules,
      count: (known?.count ?? 0) + 1,
      example: known?.example ?? [...pair.a, ...pair.b][0] ?? '',
    })
  }
  const sorted = [...groups.values()].sort((a, b) => b.count - a.count)
  return { summary, groups: sorted.slice(0, mostGroups), more: Math.max(0, sorted.length - mostGroups) }
}

const operatorsOf = (model: Model): ReadonlyMap<string, string> =>
  new Map([...referencesOf(model)].map(([{ opType }, reference]) => [reference, opType]))

/** Operators in order, repeats counted: `Conv, BatchNormalization, Add ×2`. */
function named(references: readonly string[], operators: ReadonlyMap<string, string>): string[] {
  const counts = new Map<string, number>()
  for (const reference of references) {
    const operator = operators.get(reference) ?? '?'
    counts.set(operator, (counts.get(operator) ?? 0) + 1)
  }
  return [...counts].map(([operator, count]) => (count === 1 ? operator : `${operator} ×${count}`))
}

/** The rules of a reason without what they say of the single node. */
function rulesOf({ why }: Diff['pairs'][number]): string {
  const parts = why.split('; ').map((part) => /^[\w-]+(?=: )/.exec(part)?.[0] ?? part)
  return [...new Set(parts)].join(', ')
}
