import { useStore } from 'zustand'
import type { Candidate, LayerRow } from '../../../core/api/report.ts'
import { letterOf } from '../../frame/candidate-figures.tsx'
import { runStore } from '../../stores/run.ts'
import { showTab } from '../../stores/session.ts'
import { bytes, plain, three } from '../../ui/figures.ts'
import { Num } from '../../ui/number.tsx'
import { Section } from '../../ui/section.tsx'
import { titleOfLayer } from '../layers/layer-rows.ts'

/** The layer of a candidate that a node (of either version) belongs to. */
export const layerOfNode = ({ layers }: Candidate, ref: string): LayerRow | undefined =>
  layers.find(({ kind, baseline, candidate }) => kind === 'layer' && (baseline.includes(ref) || candidate.includes(ref)))

function LayerName({ names }: { names: readonly string[] }) {
  const { title, place, more } = titleOfLayer(names)
  const text = [place, title, more > 0 ? `and ${more} more` : ''].filter((part) => part !== '').join(' ')
  return <span title={names.join('\n')}>{text}</span>
}

/** What was measured of the layer that the node belongs to: figures are taken by layer, never divided. */
export function NodeMetrics({ reference }: { reference: string }) {
  const candidates = useStore(runStore, ({ candidates }) => candidates)
  const found = candidates.flatMap((candidate) => {
    const row = layerOfNode(candidate, reference)
    return row ? [{ candidate, row }] : []
  })
  const first = found[0]
  if (!first) return null
  const reading = (value: LayerRow['latencyMs']['baseline']) => (typeof value === 'number' ? three(value) : '–')
  return (
    <Section title="Metrics" note={<LayerName names={first.row.names} />}>
      <table className="met">
        <thead>
          <tr>
            <th>
              <button type="button" onClick={() => showTab('Layers')}>
                In the table
              </button>
            </th>
            <th>source</th>
            {found.map(({ candidate: { id } }) => (
              <th key={id} title={id}>
                {letterOf(candidates, id)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th>
              Latency <i className="u">ms</i>
            </th>
            <td>{reading(first.row.latencyMs.baseline)}</td>
            {found.map(({ candidate: { id }, row }) => (
              <td key={id}>{reading(row.latencyMs.candidate)}</td>
            ))}
          </tr>
          <tr>
            <th>Size</th>
            <td>
              <Num figure={bytes(first.row.sizeBytes.baseline)} />
            </td>
            {found.map(({ candidate: { id }, row }) => (
              <td key={id}>
                <Num figure={bytes(row.sizeBytes.candidate)} />
              </td>
            ))}
          </tr>
          <tr>
            <th>
              SQNR <i className="u">dB</i>
            </th>
            <td className="t3">–</td>
            {found.map(({ candidate: { id }, row }) => (
              <td key={id}>{'cosine' in row.error ? (row.error.sqnrDb === null ? 'exact' : plain(row.error.sqnrDb, 1)) : '–'}</td>
            ))}
          </tr>
          <tr>
            <th>Cosine</th>
            <td className="t3">–</td>
            {found.map(({ candidate: { id }, row }) => (
              <td key={id}>{'cosine' in row.error ? plain(row.error.cosine, 4) : '–'}</td>
            ))}
          </tr>
        </tbody>
      </table>
    </Section>
  )
}
