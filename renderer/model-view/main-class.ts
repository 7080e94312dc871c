import type { NodeView } from '../../core/api/graph-view.ts'
import { type OpClass, opClassOf } from './op-class.ts'

/** The class a group is tinted by: of what carries its weights, else of the rarest telling class inside. */
export function mainClass(nodes: readonly NodeView[]): OpClass {
  const bytes = new Map<OpClass, number>()
  for (const { opType, weightBytes } of nodes) {
    const name = opClassOf(opType)
    bytes.set(name, (bytes.get(name) ?? 0) + weightBytes)
  }
  const heaviest = [...bytes].sort((a, b) => b[1] - a[1])[0]
  if (heaviest && heaviest[1] > 0 && heaviest[0] !== 'math') return heaviest[0]
  return telling.find((name) => bytes.has(name)) ?? 'math'
}

const telling: readonly OpClass[] = ['layer', 'attention', 'norm', 'pool', 'activation', 'quant', 'tensor', 'shape', 'dropout']
