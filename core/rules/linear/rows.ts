import type { Node, Value } from '../../ir/value.ts'
import { type Rejection, reject } from '../../rewrite/rule.ts'
import { sameDim } from '../../shapes/dim.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

interface Flattening {
  /** What is flattened. */
  readonly x: Value
  /** The Reshape to rows [all other axes, last axis]. */
  readonly rows: Node
  /** The Reshape that puts the axes back. */
  readonly out: Node
}

/** Why two Reshapes around a product do not just flatten all axes but the last and put them back; `null` when they do. */
export function notUndone({ x, rows, out }: Flattening): Rejection | null {
  const [from, to, flat] = [x, out.outputs[0] as Value, rows.outputs[0] as Value].map(shapeOf)
  if (!from || !to || from.length !== to.length || from.length < 3) return reject('the shapes before and after are not both known', out)
  if (from.slice(0, -1).some((dim, i) => !sameDim(dim, to[i] ?? null)))
    return reject('the axes put back are not those that were flattened', out)
  return flat?.length === 2 && sameDim(flat[1] ?? null, from.at(-1) ?? null) ? null : reject('the rows are not the last axis', rows)
}
