import { int } from '../../ir/attributes.ts'
import { tensorFrom } from '../../ir/numbers.ts'
import type { Value } from '../../ir/value.ts'
import { any, constant, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { knownOf } from '../../shapes/known.ts'
import { dtypeOf, shapeOf } from '../../shapes/shape-facts.ts'

/** What stands at one place of a list: a number, or the element `at` of a joined part of `size` elements. */
type Entry = number | { readonly part: Value; readonly at: number; readonly size: number }

/** The places of a list of `length`: of a constant, or of a Concat of parts of known sizes; `null` where they cannot be told. */
function entriesOf(value: Value, length: number): readonly Entry[] | null {
  if (value.constant !== null) return constantEntries(value, length)
  const { producer } = value
  if (producer?.opType !== 'Concat' || producer.domain !== '') return null
  const entries: Entry[] = []
  for (const part of producer.inputs as readonly Value[]) {
    const shape = shapeOf(part)
    const size = shape?.[0]
    if (shape?.length !== 1 || typeof size !== 'number') return null
    for (let at = 0; at < size; at++) entries.push({ part, at, size })
  }
  return entries.length === length ? entries : null
}

function constantEntries({ constant: tensor }: Value, length: number): readonly Entry[] | null {
  const known = tensor === null ? null : knownOf(tensor)
  if (known === null || known.dims.length > 1 || ![1, length].includes(known.entries.length)) return null
  const entries = Array.from({ length }, (_, i) => known.entries[known.entries.length === 1 ? 0 : i] ?? null)
  return entries.every((entry) => typeof entry === 'number') ? entries : null
}

export const whereToConcat = rule({
  id: 'where-to-concat',
  summary: 'A Where with a known condition that picks from joined parts joins the parts that it picks.',
  fidelity: 'exact',
  housekeeping: true,
  pattern: op('Where', [constant('condition'), any('yes'), any('no')], 'where'),
  rewrite({ condition, yes, no, where }, draft) {
    const chosen = knownOf(condition.constant)
    if (chosen?.dims.length !== 1) return reject('the condition is no list', condition)
    const { length } = chosen.entries
    const dtype = dtypeOf(yes) ?? dtypeOf(no)
    if (length === 0 || dtype === null) return reject('nothing is picked, or nothing is known of what is', where)
    const [ones, others] = [yes, no].map((side) => entriesOf(side, length))
    if (ones == null || others == null) return reject('it picks from something other than constants and joined parts', where)
    const parts: (Value | number[])[] = []
    for (let i = 0; i < length; ) {
      const entry = (chosen.entries[i] === 0 ? others : ones)[i] as Entry
      if (typeof entry === 'number') {
        const run = parts.at(-1)
        if (Array.isArray(run)) run.push(entry)
        else parts.push([entry])
        i++
      } else {
        const whole = chosen.entries.slice(i, i + entry.size).every((of) => of === chosen.entries[i])
        if (entry.at !== 0 || !whole) return reject('it picks some elements of a part', entry.part)
        parts.push(entry.part)
        i += entry.size
      }
    }
    const values = parts.map((part) => (Array.isArray(part) ? draft.constant(tensorFrom(dtype, [part.length], part), 'picked') : part))
    return draft.op('Concat', values, { axis: int(0) })
  },
})
