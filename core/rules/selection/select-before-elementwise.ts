import type { Value } from '../../ir/value.ts'
import { op, qualified, rest } from '../../rewrite/pattern.ts'
import { Rejection, reject, rule } from '../../rewrite/rule.ts'
import { sameDim } from '../../shapes/dim.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'
import { elementwise } from './elementwise.ts'
import { readSelection, selectedFirst, selectionOf } from './selection.ts'

export const selectBeforeElementwise = rule({
  id: 'select-before-elementwise',
  summary: 'Only the positions that are read are computed: what works element by element is given those alone.',
  fidelity: 'rounding',
  housekeeping: true,
  pattern: selectionOf(op(elementwise, [rest('inputs')], 'inner')),
  rewrite(found, draft) {
    const { inputs, inner } = found
    const selection = readSelection(found, inner)
    if (selection instanceof Rejection) return selection
    const shape = shapeOf(inner.outputs[0] as Value) ?? []
    const selected: (Value | null)[] = []
    const taken = new Map<Value, Value>()
    const take = (input: Value, axis: number): Value => {
      const known = taken.get(input) ?? selection.take(input, axis, draft)
      taken.set(input, known)
      return known
    }
    for (const input of inputs) {
      const own = input === null ? [] : shapeOf(input)
      if (own === null) return reject('the shape is not known', input)
      const axis = selection.axis - shape.length + own.length
      const isBroadcast = axis < 0 || own[axis] === 1
      if (!isBroadcast && !sameDim(own[axis] ?? null, shape[selection.axis] ?? null))
        return reject('it cannot be told whether the value is repeated along the axis', input)
      selected.push(input === null || isBroadcast ? input : take(input, axis))
    }
    const computed = draft.op(qualified(inner), selected, inner.attributes, { name: inner.name, standsFor: inner })
    return selectedFirst(selection, { select: found.select, inner, computed }, draft)
  },
})
