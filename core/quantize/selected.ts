import { intOf, intsOf } from '../ir/attributes.ts'
import { numbersOf } from '../ir/numbers.ts'
import type { Node, Use, Value } from '../ir/value.ts'
import { rankOf } from '../shapes/shape-facts.ts'

/**
 * The value of which a value holds some positions: what stands behind a Gather or Slice along another axis than the last, the value itself
 * else. Rewriting lets a last layer compute one token alone, whose query then reads some rows of what key and value read whole: the channels
 * are the same.
 */
export function wholeOf(value: Value): Value {
  const node = value.producer
  const from = node === null ? null : selectedFrom(node)
  return from === null ? value : wholeOf(from)
}

/** Who reads the channels of a value: its readers, and those of its selected positions in their place. */
export function channelReaders(value: Value): readonly Use[] {
  return value.uses.flatMap((use) => {
    const [selected] = use.node.outputs
    return use.index === 0 && selected !== undefined && !selected.isOutput && selectedFrom(use.node) !== null
      ? channelReaders(selected)
      : use
  })
}

/** What a node selects positions of, with all channels of each; `null` for other nodes, and where that cannot be told. */
function selectedFrom(node: Node): Value | null {
  const from = node.inputs[0]
  const axes = from && node.domain === '' ? axesOf(node) : null
  const rank = from ? rankOf(from) : null
  if (!from || axes === null || rank === null) return null
  return axes.every((axis) => axis !== -1 && axis !== rank - 1) ? from : null
}

function axesOf(node: Node): readonly number[] | null {
  if (node.opType === 'Gather') return [intOf(node, 'axis', 0)]
  if (node.opType !== 'Slice') return null
  const given = node.inputs[3]
  if (given) return given.constant && [...numbersOf(given.constant)]
  return intsOf(node, 'axes')
}
