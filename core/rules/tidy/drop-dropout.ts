import { intOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import { scalarOf } from '../../rewrite/equality.ts'
import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'

/** Operator sets before 7 had `is_test`; from 12 on an input says whether the node trains, which it does not unless told to. */
function trains(node: Node, mode: Value | null): boolean {
  if (mode !== null) return mode.constant === null || scalarOf(mode.constant) !== 0
  return node.attributes.has('is_test') && intOf(node, 'is_test', 0) === 0
}

export const dropDropout = rule({
  id: 'drop-dropout',
  summary: 'Dropout passes its input on when a model is not being trained.',
  fidelity: 'exact',
  pattern: op('Dropout', [any('x'), maybe(any()), maybe(any('mode'))], 'dropout'),
  rewrite({ x, dropout, mode }) {
    if (trains(dropout, mode)) return reject('it is in training mode: its result is random', dropout)
    const mask = dropout.outputs[1]
    if (mask !== undefined && (mask.isOutput || mask.uses.length > 0)) return reject('its mask is read', dropout)
    return x
  },
})
