import type { Node, Value } from '../../ir/value.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { Rejection, type Rule, rule } from '../../rewrite/rule.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'
import { withHeads } from './heads.ts'
import { isTurned } from './lift-attention.ts'
import { liftedHeads, replaced, weightsOfHeads } from './lifted-heads.ts'

/** Whether a view takes the context apart before a Transpose turns it: `view-after-context` makes room for that. */
function isViewedAndTurned(context: Value): boolean {
  const [use, ...others] = context.uses
  const view = use?.node.opType === 'Reshape' && others.length === 0 ? use.node.outputs[0] : undefined
  return view?.uses.some(({ node }) => node.opType === 'Transpose') === true && shapeOf(view)?.length !== 4
}

function ofHeads(context: Node): true | string {
  const value = context.outputs[0] as Value
  const shape = shapeOf(value)
  if (shape?.length !== 4 || typeof shape[1] !== 'number') return 'the context has not four axes, with a known number of heads'
  if (shape[1] === 1) return 'the context has one head'
  return (!isTurned(value) && !isViewedAndTurned(value)) || 'its heads are turned'
}

const ofOneQuery = (context: Node): true | string => {
  const of = ofHeads(context)
  return of !== true || shapeOf(context.outputs[0] as Value)?.[2] === 1
    ? of
    : 'the heads stay apart: turning them for one operator costs more than it brings'
}

const liftWhere = (when: (context: Node) => true | string): Rule =>
  rule({
    id: 'lift-unturned-attention',
    summary: 'Attention whose heads no Transpose turns becomes one operator and a view.',
    fidelity: 'rounding',
    pattern: op('MatMul', [weightsOfHeads, any('values')], { name: 'context', when }),
    rewrite(found, draft) {
      const lifted = liftedHeads(found, draft)
      return lifted instanceof Rejection
        ? lifted
        : replaced(found.context.outputs[0] as Value, withHeads(lifted.context, lifted, draft), lifted)
    },
  })

/** Attention where nothing turns the heads afterwards: of one query, where a view does, or over pictures with channels before places. */
export const liftUnturnedAttention = liftWhere(ofHeads)

/** The same of one query (pooling): views take the place of the Transposes that an operator needs, and cost nothing. */
export const liftAttentionOfOneQuery = liftWhere(ofOneQuery)
