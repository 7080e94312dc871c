import type { NodeView } from '../../../core/api/graph-view.ts'
import { goTo } from '../../model-view/model-tools.tsx'
import { opClassOf } from '../../model-view/op-class.ts'
import { bytes } from '../../ui/figures.ts'
import { Num } from '../../ui/number.tsx'
import { Section } from '../../ui/section.tsx'

/** References of the nodes that hold the weights of layers: those whose precision is worth a thought. */
export const heavyOf = (nodes: readonly NodeView[]): string[] =>
  nodes.filter(({ opType, weightBytes }) => weightBytes > 0 && opClassOf(opType) === 'layer').map(({ ref }) => ref)

/** Operators among some nodes, most first; a click goes to the first of them. */
export function Operators({ nodes }: { nodes: readonly NodeView[] }) {
  const byType = new Map<string, NodeView[]>()
  for (const node of nodes) byType.set(node.opType, [...(byType.get(node.opType) ?? []), node])
  const rows = [...byType].sort((a, b) => b[1].length - a[1].length)
  return (
    <Section title="Operators" note={rows.length}>
      <table className="met">
        <tbody>
          {rows.map(([opType, members]) => (
            <tr key={opType}>
              <th>
                <button type="button" onClick={() => goTo(members[0]!.id)}>
                  {opType}
                </button>
              </th>
              <td>{members.length}</td>
              <td>
                <Num figure={bytes(members.reduce((sum, { weightBytes }) => sum + weightBytes, 0))} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}
