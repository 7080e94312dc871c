import { useStore } from 'zustand'
import type { NodeDetail } from '../../../core/api/graph-view.ts'
import type { VersionRequest } from '../../../core/api/requests.ts'
import { findNodes } from '../../model-view/model-tools.tsx'
import { classNames, opClassOf } from '../../model-view/op-class.ts'
import { viewStore } from '../../model-view/view-store.ts'
import { useNodeDetail } from '../../resources/views.ts'
import { goInto, selectNodes } from '../../stores/session.ts'
import { Loading } from '../../ui/empty.tsx'
import { bytes, plain, three } from '../../ui/figures.ts'
import { Histogram } from '../../ui/histogram.tsx'
import { Num } from '../../ui/number.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { Section } from '../../ui/section.tsx'
import { DrawnWith } from './drawn-with.tsx'
import { NodeMetrics } from './node-metrics.tsx'
import { SensitiveNote } from './sensitive-note.tsx'

/** Type, name, role; then attributes, inputs, outputs, weights, origins, metrics. */
export function NodeInspector({ id, version }: { id: string; version: VersionRequest | null }) {
  const detail = useNodeDetail(version, id)
  if (detail.state === 'failed') return <ProblemNote problem={detail.problem} onRetry={detail.retry} />
  if (detail.state !== 'ready') return <Loading what="Reading the node…" />
  const node = detail.value
  return (
    <>
      <Head node={node} />
      <Subgraphs node={id} />
      <DrawnWith node={id} />
      <SensitiveNote node={id} />
      <Attributes node={node} />
      <Values title="Inputs" values={node.inputs} />
      <Values title="Outputs" values={node.outputs.map((output) => ({ ...output, bytes: null }))} />
      <Weights node={node} />
      <Origins node={node} />
      <NodeMetrics reference={node.ref} />
    </>
  )
}

function Head({ node }: { node: NodeDetail }) {
  const opClass = opClassOf(node.opType)
  const index = useStore(viewStore, ({ index }) => index)
  const position = index?.position.get(node.id)
  const alike = [...(index?.nodes.values() ?? [])].flatMap(({ opType, id }) => (opType === node.opType ? [id] : []))
  return (
    <div className="insp-head">
      <div className="line">
        <i className="sw" style={{ background: `var(--op-${opClass})`, width: 10, height: 10 }} />
        <h2>{node.opType}</h2>
        <span className="t3 sm">{node.domain ? node.domain : classNames[opClass]}</span>
        <span className="grow" />
        {position !== undefined && (
          <span className="t3 sm">
            {position + 1} of {index!.nodes.size}
          </span>
        )}
      </div>
      <p className="mono t2">{node.ref}</p>
      {node.role && <p>{node.role}</p>}
      {alike.length > 1 && (
        <p className="alike">
          <button type="button" className="btn link sm" onClick={() => findNodes(`"${node.opType}"`)}>
            Mark all {alike.length} {node.opType}
          </button>
          <button type="button" className="btn link sm" onClick={() => selectNodes(alike)}>
            Select them
          </button>
        </p>
      )}
      {node.doc && <p className="t2 sm">{node.doc}</p>}
    </div>
  )
}

/** The branches of an If, the body of a Loop: places to go into. */
function Subgraphs({ node }: { node: string }) {
  const view = useStore(viewStore, ({ index }) => index?.nodes.get(node))
  if (!view || view.subgraphs.length === 0) return null
  return (
    <div className="stage-acts">
      {view.subgraphs.map((graph, position) => (
        <button key={graph} type="button" className="btn small" onClick={() => goInto({ graph, label: `${view.opType} ${position + 1}` })}>
          Go into subgraph {position + 1}
        </button>
      ))}
    </div>
  )
}

function Attributes({ node: { attributes, opType } }: { node: NodeDetail }) {
  return (
    <Section title="Attributes" note={attributes.length || ''}>
      {attributes.length === 0 ? (
        <p className="t3 sm">{opType} has none here.</p>
      ) : (
        <dl className="kv">
          {attributes.map(({ name, value, type }) => (
            <div key={name} style={{ display: 'contents' }} title={type}>
              <dt className="ell">{name}</dt>
              <dd className="mono">{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </Section>
  )
}

function Values({ title, values }: { title: string; values: NodeDetail['inputs'] }) {
  const shown = values.filter(({ name }) => name !== '')
  return (
    <Section title={title} note={shown.length}>
      <div className="io">
        {shown.map(({ name, type, bytes: size }) => {
          const { element, shape } = typeParts(type)
          return (
            <div key={name}>
              <p>
                <span className="ell mono" title={name}>
                  {tailOf(name)}
                </span>
                {size !== null && (
                  <span className="sm t2 nw">
                    <Num figure={bytes(size)} />
                  </span>
                )}
              </p>
              <p>
                <span className="sm t2 ell">
                  {element}
                  {size === null ? '' : ', constant'}
                </span>
                <span className="mono t2 nw shape">{shape}</span>
              </p>
            </div>
          )
        })}
      </div>
    </Section>
  )
}

/** `float32[batch, 128]` in two. */
function typeParts(type: string): { readonly element: string; readonly shape: string } {
  const [, element = '', shape = ''] = /^(\w+)\s*(\[.*\])?$/.exec(type) ?? []
  return { element: element || 'type not known', shape }
}

const longest = 38

/** The end of a long name tells more than its beginning. */
function tailOf(name: string): string {
  if (name.length <= longest) return name
  const tail = name.slice(-longest)
  const cut = tail.indexOf('/')
  return `…${cut > 0 && cut < longest / 2 ? tail.slice(cut) : tail}`
}

function Weights({ node: { weights } }: { node: NodeDetail }) {
  if (weights.length === 0) return null
  return (
    <>
      {weights.map(({ name, type, min, max, mean, std, sparsity, histogram }) => {
        const values = histogram.reduce((sum, count) => sum + count, 0)
        return (
          <Section
            key={name}
            title={weights.length > 1 ? `Weights, ${name.split(/[/.]/).at(-1)}` : 'Weights'}
            note={`${plain(values)} values`}
          >
            <dl className="kv">
              <dt>Type</dt>
              <dd className="mono">{type}</dd>
              <dt>Range</dt>
              <dd>
                {three(min)} … {three(max)}
              </dd>
              <dt>Mean, std</dt>
              <dd>
                {plain(mean, 4)}, {plain(std, 4)}
              </dd>
              <dt>Sparsity</dt>
              <dd>
                {plain(sparsity * 100, 1)} <i className="u">%</i>
              </dd>
            </dl>
            <Histogram counts={histogram} min={min} max={max} label={`Histogram of ${plain(values)} weights`} />
          </Section>
        )
      })}
    </>
  )
}

function Origins({ node: { origins, history } }: { node: NodeDetail }) {
  const same = history.length === 0 && origins.length <= 1
  return (
    <Section title="Origins" note={same ? '' : `from ${origins.length} of the opened model`}>
      {same ? (
        <p className="sm t2">Stands as it was opened.</p>
      ) : (
        <ul className="notes">
          {history.map(({ stage, rule, reason }) => (
            <li key={`${stage}${rule}${reason}`}>
              <b className="b">{stage}</b>, {rule}: {reason}
            </li>
          ))}
          {history.length === 0 && <li>Made by a pass; it stems from {origins.length} nodes.</li>}
        </ul>
      )}
    </Section>
  )
}
